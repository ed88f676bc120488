import { useEffect, useState } from 'preact/hooks';

/** What the part after `#` says: the server never sees it, since contexts name people. */
export interface Place {
  readonly tab: Tab;
  /** The selected key. */
  readonly key: string | undefined;
  readonly search: string;
  readonly type: string;
  /** The contexts as typed: JSON, possibly unfinished. */
  readonly contexts: string;
}

export const TABS = ['keys', 'health', 'history', 'contexts'] as const;
export type Tab = (typeof TABS)[number];

function placeOf(hash: string): Place {
  const [path, query] = split(hash.replace(/^#\/?/, ''), '?');
  const [tab, key] = split(path, '/');
  const parameters = new URLSearchParams(query ?? '');
  return {
    tab: (TABS as readonly string[]).includes(tab) ? (tab as Tab) : 'keys',
    key: key === undefined || key === '' ? undefined : decoded(key),
    search: parameters.get('search') ?? '',
    type: parameters.get('type') ?? '',
    contexts: parameters.get('contexts') ?? '',
  };
}

export function hashOf({ tab, key, search, type, contexts }: Place): string {
  // Half of a character has no place in an address: the link leads to no key, but the list is there.
  const path = key === undefined ? tab : `${tab}/${encodeURIComponent(key.toWellFormed())}`;
  const entries = Object.entries({ search, type, contexts }).filter(([, value]) => value !== '');
  const query = new URLSearchParams(entries).toString();
  return query === '' ? `#/${path}` : `#/${path}?${query}`;
}

/** Replaces the place without a new step in the history of the browser, for what is typed. */
export function replacePlace(place: Place): void {
  history.replaceState(null, '', hashOf(place));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return placeOf(hash);
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
