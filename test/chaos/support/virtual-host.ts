import type { Envelope } from '../../../lib/model/index.js';
import { envelopeOf, etagOf } from '../../support/delivery-server.js';

/** How an API behaves: it serves, possibly late, or fails in one of these ways. */
export type Behavior =
  | 'serve'
  | 'refuse'
  | 'hang'
  | { lateMs: number }
  | { status: number; type?: string; body?: string; headers?: Record<string, string> }
  | { stallAfter: string };

/** A primary or secondary API that serves configs in virtual time. */
export class VirtualHost {
  behavior: Behavior = 'serve';
  envelope: Envelope = envelopeOf();
  /** The times of the requests, in ms of the virtual clock. */
  readonly requestTimes: number[] = [];

  async answer(headers: Headers, signal: AbortSignal | undefined): Promise<Response> {
    this.requestTimes.push(Date.now());
    const { behavior } = this;
    if (behavior === 'refuse') throw refused();
    if (behavior === 'hang') return never(signal);
    if (behavior === 'serve') return this.serve(headers);
    if ('status' in behavior) {
      const { status, type = 'application/json', body = '', headers: more } = behavior;
      return new Response(body, { status, headers: { 'content-type': type, ...more } });
    }
    if ('stallAfter' in behavior) return stalled(behavior.stallAfter, signal);
    await Promise.race([pause(behavior.lateMs), never(signal)]);
    return this.serve(headers);
  }

  private serve(headers: Headers): Response {
    const body = JSON.stringify(this.envelope);
    const etag = etagOf(body);
    return headers.get('if-none-match') === etag
      ? new Response(null, { status: 304, headers: { etag } })
      : new Response(body, { headers: { etag, 'content-type': 'application/json' } });
  }
}

/** The error of `fetch` when the connection is refused. */
export function refused(): TypeError {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), {
    code: 'ECONNREFUSED',
  });
  return new TypeError('fetch failed', { cause });
}

/** Never answers; rejects when the request is aborted. */
export function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

function stalled(start: string, signal: AbortSignal | undefined): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(start));
      signal?.addEventListener('abort', () => controller.error(new Error('aborted')), {
        once: true,
      });
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}
