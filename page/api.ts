import { useEffect, useState } from 'preact/hooks';

/** Assets are one level below the page. */
const base = new URL('..', import.meta.url);

/** What a request led to; the previous answer stays until there is a new one. */
export interface Answer<T> {
  readonly data?: T;
  readonly error?: string;
  readonly isLoading: boolean;
}

class Unanswered extends Error {}

export async function ask<T>(
  path: string,
  parameters: Readonly<Record<string, string>>,
  contexts: string,
  signal?: AbortSignal,
): Promise<T> {
  const url = new URL(`api/${path}`, base);
  url.search = new URLSearchParams(parameters).toString();
  const headers: Record<string, string> = { accept: 'application/json' };
  if (contexts.trim() !== '') headers['x-quonfig-contexts'] = base64url(contexts);
  const response = await fetch(url, { headers, signal: signal ?? null });
  const body: unknown = await response.json().catch(() => undefined);
  // Otherwise, a body whose reading was aborted would count as an answer.
  signal?.throwIfAborted();
  if (!response.ok || body === undefined)
    throw new Unanswered(messageIn(body) ?? `The server answered ${response.status}.`);
  return body as T;
}

/** Replaces the overrides of this browser. */
export async function setOverrides(values: Readonly<Record<string, unknown>>): Promise<void> {
  const headers = { 'x-quonfig-override-values': base64url(JSON.stringify(values)) };
  const response = await fetch(new URL('api/overrides', base), { method: 'POST', headers });
  if (response.ok) return;
  const body: unknown = await response.json().catch(() => undefined);
  throw new Unanswered(messageIn(body) ?? `The server answered ${response.status}.`);
}

/** Asks again whenever the question or the revision changes. */
export function useAnswer<T>(
  path: string | undefined,
  parameters: Readonly<Record<string, string>>,
  contexts: string,
  revision: number,
): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ isLoading: true });
  const question = JSON.stringify([path, parameters, contexts]);
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    setAnswer(({ data }) => ({ ...(data !== undefined && { data }), isLoading: true }));
    ask<T>(path, parameters, contexts, abort.signal)
      .then((data) => setAnswer({ data, isLoading: false }))
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ error: textOf(error), isLoading: false });
      });
    return () => abort.abort();
  }, [question, revision]);
  return answer;
}

export function textOf(error: unknown): string {
  if (error instanceof Unanswered) return error.message;
  return 'The application cannot be reached. The page tries again when it is back.';
}

/** Listens to the events of the application. */
export function listen(on: {
  update(): void;
  health(): void;
  connected(isConnected: boolean): void;
}): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(new URL('api/events', base));
    source.addEventListener('open', () => on.connected(true));
    source.addEventListener('update', () => on.update());
    source.addEventListener('health', () => on.health());
    source.addEventListener('error', () => {
      on.connected(false);
      // The browser retries by itself, except after an answer that is not a stream.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, 3000);
    });
  };
  open();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}

function messageIn(body: unknown): string | undefined {
  const message = (body as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
}

function base64url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
