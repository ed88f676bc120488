import type { HttpServer } from '@nestjs/common';
import type { RequestContexts } from './request-contexts.js';

interface FastifyInstance {
  addHook(name: 'preValidation', hook: Entry): unknown;
}

type Entry = (request: object, response: object, next: () => void) => void;

/** What the module opens when routes are about to be registered. */
export interface HttpEntry {
  open(): void;
}

/**
 * Makes every HTTP request run in its scope. It must be called before routes are registered.
 *
 * On Fastify a middleware cannot do it: it sees the raw request, and a body that is parsed after it loses the scope, because
 * the events of the socket run outside. A `preValidation` hook comes after the parsing and before Nest's guards.
 */
export function enterOnHttp(adapter: HttpServer | undefined, requests: RequestContexts): void {
  if (!adapter) return;
  const enter: Entry = (request, response, next) => {
    void requests.enter(request, () => ({ type: 'http', request, response }), next);
  };
  if (adapter.getType() === 'fastify') {
    (adapter.getInstance() as FastifyInstance).addHook('preValidation', enter);
  } else {
    adapter.use(enter);
  }
}
