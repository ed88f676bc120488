import type { ApplicationContexts } from './application-contexts.js';
import { rpcCall } from './execution-call.js';

type Handler = (...args: unknown[]) => unknown;

/** What Nest and its transports use of a server. */
export interface RpcServer {
  addHandler(pattern: unknown, handler: Handler, ...more: unknown[]): unknown;
  readonly messageHandlers?: Map<string, Handler>;
}

/**
 * Makes every message of a microservice run in its scopes: those of handlers that Nest has registered, and of those that it
 * will register. Nest 12 has a hook for messages; that of Nest 11 comes after guards, and neither reaches handlers that are
 * registered already.
 */
export function enterOnRpc(server: RpcServer, application: ApplicationContexts): void {
  if (!application.isFirst(server)) return;
  const { messageHandlers } = server;
  for (const [pattern, handler] of messageHandlers ?? []) {
    messageHandlers?.set(pattern, entering(handler, application));
  }
  const addHandler = server.addHandler.bind(server);
  server.addHandler = (pattern, handler, ...more) =>
    addHandler(pattern, entering(handler, application), ...more);
}

/** A proxy, because Nest chains handlers of one event through a property of theirs. */
function entering(handler: Handler, application: ApplicationContexts): Handler {
  return new Proxy(handler, {
    apply(target, self, args: unknown[]) {
      const own = isContextHost(args[0]) ? args.slice(1) : args;
      return application.enter(rpcCall(own), () => Reflect.apply(target, self, args));
    },
  });
}

/** Nest puts its request object in front when a request-scoped handler of an event calls the next one. */
function isContextHost(value: unknown): boolean {
  return typeof (value as { getContext?: unknown } | null | undefined)?.getContext === 'function';
}
