import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { InvalidOptionsError } from '../index.js';
import type { Exchange } from './exchange.js';
import { pathTaken } from './relay.messages.js';
import type { RelayRoute } from './relay-route.js';

interface FastifyRequest {
  readonly raw: IncomingMessage;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

interface FastifyInstance {
  route(options: object): unknown;
}

/** The routes of all relays of each application. */
const mounted = new WeakMap<HttpServer, Set<string>>();

/**
 * Adds routes to the HTTP server of an application. They are not controllers: clients of any language must find them at their
 * exact paths, whatever prefix, versions, guards, interceptors and filters the application has.
 *
 * @throws {InvalidOptionsError} if another relay has the same paths: Express would answer its clients only
 */
export function mount(adapter: HttpServer, routes: readonly RelayRoute[]): void {
  const known = mounted.get(adapter) ?? new Set();
  mounted.set(adapter, known);
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (known.has(name)) throw new InvalidOptionsError([pathTaken(route.path)]);
    known.add(name);
    if (adapter.getType() === 'fastify') mountOnFastify(adapter, route);
    else mountOnExpress(adapter, route);
  }
}

function mountOnExpress(adapter: HttpServer, { method, path, below, handle }: RelayRoute): void {
  const route = (request: unknown, response: unknown): void =>
    run(handle, { request, response } as Exchange);
  // A pattern has no parameter, which Express would decode and refuse by itself.
  const pattern = below ? new RegExp(`^${path.replace(/[.~]/g, String.raw`\$&`)}`) : path;
  adapter[method](pattern as string, route as never);
}

function mountOnFastify(
  adapter: HttpServer,
  { method, path, below, readsBody, handle }: RelayRoute,
): void {
  const url = below ? `${path}*` : path;
  const route = (request: unknown, reply: unknown): void =>
    run(handle, hijacked(request as FastifyRequest, reply as FastifyReply));
  if (!readsBody) {
    adapter[method](url, route as never);
    return;
  }
  // This hook comes before Fastify reads the body. Taking the response over ends the request for Fastify.
  (adapter.getInstance() as FastifyInstance).route({
    method: method.toUpperCase(),
    url,
    onRequest: route,
    handler: () => undefined,
  });
}

function run(handle: RelayRoute['handle'], exchange: Exchange): void {
  // A write to a connection that has just been dropped is an error, which would end the process.
  exchange.response.on('error', () => undefined);
  handle(exchange);
}

/** Takes a response over from Fastify, which would otherwise send one itself. */
function hijacked({ raw: request }: FastifyRequest, reply: FastifyReply): Exchange {
  reply.hijack();
  return { request, response: reply.raw };
}
