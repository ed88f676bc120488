import type { Envelope } from '../../../lib/model/index.js';
import { envelopeOf, etagOf } from '../../support/delivery-server.js';

/** How an address behaves: it serves, late or not, or one of the ways in which it does not. */
export type Behaviour =
  | 'serve'
  | 'refuse'
  | 'hang'
  | { lateMs: number }
  | { status: number; type?: string; body?: string }
  | { stallAfter: string };

/** One of the addresses that serve configs over HTTP, in virtual time. */
export class VirtualHost {
  behaviour: Behaviour = 'serve';
  envelope: Envelope = envelopeOf();
  /** When it was asked, in ms of the virtual clock. */
  readonly asked: number[] = [];

  async answer(headers: Headers, signal: AbortSignal | undefined): Promise<Response> {
    this.asked.push(Date.now());
    const { behaviour } = this;
    if (behaviour === 'refuse') throw refused();
    if (behaviour === 'hang') return never(signal);
    if (behaviour === 'serve') return this.serve(headers);
    if ('status' in behaviour) {
      const { status, type = 'application/json', body = '' } = behaviour;
      return new Response(body, { status, headers: { 'content-type': type } });
    }
    if ('stallAfter' in behaviour) return stalled(behaviour.stallAfter, signal);
    await Promise.race([pause(behaviour.lateMs), never(signal)]);
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

/** How `fetch` fails when nobody listens. */
export function refused(): TypeError {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), {
    code: 'ECONNREFUSED',
  });
  return new TypeError('fetch failed', { cause });
}

/** Never answers; rejects when the request is given up. */
export function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

function stalled(begin: string, signal: AbortSignal | undefined): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(begin));
      signal?.addEventListener('abort', () => controller.error(new Error('aborted')), {
        once: true,
      });
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}
