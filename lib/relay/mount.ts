import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import type { Exchange } from './exchange.js';
import type { RelayRoute } from './quonfig-relay.js';

interface FastifyRequest {
  readonly raw: IncomingMessage;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

type AdapterRoute = (request: unknown, reply: unknown) => void;

/**
 * Adds routes to the HTTP server of an application. They are not controllers: clients of any language must find them at their
 * exact paths, whatever prefix, versions, guards, interceptors and filters the application has.
 */
export function mount(adapter: HttpServer, routes: readonly RelayRoute[]): void {
  const isFastify = adapter.getType() === 'fastify';
  for (const { method, path, handle } of routes) {
    const route: AdapterRoute = (request, reply) => {
      const exchange = isFastify
        ? hijacked(request as FastifyRequest, reply as FastifyReply)
        : ({ request, response: reply } as Exchange);
      // A write to a connection that has just been dropped is an error, which would end the process.
      exchange.response.on('error', () => undefined);
      handle(exchange);
    };
    adapter[method](path, route as never);
  }
}

/** Takes a response over from Fastify, which would otherwise send one itself. */
function hijacked({ raw: request }: FastifyRequest, reply: FastifyReply): Exchange {
  reply.hijack();
  return { request, response: reply.raw };
}
