/** Selects the keys that a handler is notified about. */
export interface KeyFilter {
  /** Whether there is no restriction: the filter then selects even an update that changes no key. */
  readonly everything: boolean;
  /** The selected keys if all are spelled out; `undefined` if a pattern has a wildcard. */
  readonly exactKeys: ReadonlySet<string> | undefined;
  readonly matches: (key: string) => boolean;
}

/**
 * Compiles keys and patterns into a filter. `*` matches any run of characters, including an empty one; an empty list
 * matches every key. Matching is linear in the length of the key for every pattern: there is no backtracking.
 */
export function keyFilter(patterns: readonly string[]): KeyFilter {
  if (patterns.length === 0) {
    return { everything: true, exactKeys: undefined, matches: () => true };
  }
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const wildcards = patterns.filter((pattern) => pattern.includes('*')).map(wildcard);
  return {
    everything: false,
    exactKeys: wildcards.length === 0 ? exact : undefined,
    matches: (key) => exact.has(key) || wildcards.some((matches) => matches(key)),
  };
}

function wildcard(pattern: string): (key: string) => boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop() ?? '';
  const inner = rest.filter((part) => part !== '');
  return (key) => {
    const end = key.length - tail.length;
    if (end < head.length || !key.startsWith(head) || !key.endsWith(tail)) return false;
    let position = head.length;
    // The leftmost occurrence of each part leaves the most room for the next: no backtracking needed.
    for (const part of inner) {
      const place = key.indexOf(part, position);
      if (place === -1) return false;
      position = place + part.length;
    }
    return position <= end;
  };
}
