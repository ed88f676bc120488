import type { HttpServer } from '@nestjs/common';
import type { LayeredStore } from '../../store/index.js';
import type { RequestContexts } from './request-contexts.js';

interface FastifyInstance {
  addHook(name: 'preValidation', hook: Entry): unknown;
}

type Entry = (request: object, response: object, next: () => void) => void;

/**
 * Makes every HTTP request run in its scope. It must be called before routes are registered.
 *
 * On Fastify a middleware cannot do it: it sees the raw request, and a body that is parsed after it loses the scope, because
 * the events of the socket run outside. A `preValidation` hook comes after the parsing and before Nest's guards.
 */
export function enterOnHttp(adapter: HttpServer | undefined, requests: RequestContexts): void {
  enterWith(adapter, (request, response, next) => {
    void requests.enter(request, () => ({ type: 'http', request, response }), next);
  });
}

/**
 * Makes every HTTP request run outside of the scopes of a test's store: a server that starts inside of one would lend its
 * configs to the requests of others.
 */
export function leaveScopesOnHttp(adapter: HttpServer | undefined, store: LayeredStore): void {
  enterWith(adapter, (_request, _response, next) => store.outside(next));
}

function enterWith(adapter: HttpServer | undefined, enter: Entry): void {
  if (!adapter) return;
  if (adapter.getType() === 'fastify') {
    (adapter.getInstance() as FastifyInstance).addHook('preValidation', enter);
  } else {
    adapter.use(enter);
  }
}
