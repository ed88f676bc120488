import type { ExecutionContext } from '@nestjs/common';
import type { ContextSource } from '../../interfaces/index.js';

/** One call of a handler: what identifies it, and what the option `context` gets to know about it. */
export interface ExecutionCall {
  /** The same object in every guard, interceptor and parameter of one request or message. */
  readonly subject: object;
  source(): ContextSource;
}

/** Reads the call from an `ExecutionContext`, of any transport. */
export function executionCall(context: ExecutionContext): ExecutionCall {
  return callOf(context.getType<string>(), context.getArgs<unknown[]>());
}

/** @param type what the transport calls itself: `ExecutionContext.getType()` */
export function callOf(type: string, args: unknown[]): ExecutionCall {
  switch (type) {
    case 'http':
      return httpCall(args[0] as object, args[1]);
    case 'graphql':
      return graphqlCall(args);
    case 'rpc':
      return rpcCall(args);
    case 'ws':
      return wsCall(args);
    default:
      return { subject: args, source: () => ({ type: 'other', transport: type, args }) };
  }
}

function httpCall(request: object, response: unknown): ExecutionCall {
  return { subject: request, source: () => ({ type: 'http', request, response }) };
}

/**
 * Drivers put the HTTP request into their context: Apollo as `req`, Yoga as `req` or `request`, Mercurius in `reply`. Over a
 * WebSocket, they put what they know of the connection into the same places.
 */
function graphqlCall(args: unknown[]): ExecutionCall {
  const context = args[2] as GraphqlContext | null | undefined;
  const { req, res, reply } = context ?? {};
  if (req && !isConnection(req)) return httpCall(req, res ?? req.res);
  if (reply?.request && typeof reply.send === 'function') return httpCall(reply.request, reply);
  const request = req?.extra?.request ?? reply?.request ?? context?.request;
  return {
    subject: subjectOf(context, args),
    source: () => ({ type: 'graphql', request, context }),
  };
}

/** Whether this is what graphql-ws knows of a connection, instead of a request. */
function isConnection(req: object): boolean {
  return 'extra' in req && 'subscriptions' in req;
}

interface GraphqlContext {
  readonly req?:
    (object & { readonly res?: unknown; readonly extra?: { request?: unknown } }) | null;
  readonly res?: unknown;
  readonly reply?: { readonly request?: object; readonly send?: unknown };
  readonly request?: object;
}

/** @param args arguments of the handler: payload and context of the transport */
export function rpcCall(args: unknown[]): ExecutionCall {
  const [data, context] = args as [unknown, (object & RpcTransport) | undefined];
  const source = (): ContextSource => {
    const pattern =
      context?.getPattern?.() ??
      context?.getTopic?.() ??
      context?.getSubject?.() ??
      context?.getChannel?.();
    return { type: 'rpc', pattern: patternText(pattern), data, context };
  };
  return { subject: subjectOf(context, args), source };
}

/** Each transport has its own name for the pattern: TCP and RabbitMQ, Kafka and MQTT, NATS, Redis. */
interface RpcTransport {
  getPattern?(): unknown;
  getTopic?(): unknown;
  getSubject?(): unknown;
  getChannel?(): unknown;
}

/** @param args arguments of the handler: client, payload, and the pattern at the end */
export function wsCall(args: unknown[]): ExecutionCall {
  const [client, data] = args;
  return {
    // One client sends many messages.
    subject: args,
    source: () => ({ type: 'ws', client, pattern: patternText(args.at(-1)), data }),
  };
}

/**
 * Whether two subjects stand for one call. Nest copies the arguments of a handler when it adds to them; such copies have the
 * same client and payload.
 */
export function isSameCall(one: object, other: object): boolean {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other)) return false;
  return one[0] === other[0] && one[1] === other[1];
}

/** A transport may have any context, also none or a string, which cannot identify a call. */
function subjectOf(context: unknown, args: unknown[]): object {
  return typeof context === 'object' && context !== null ? context : args;
}

function patternText(pattern: unknown): string {
  if (typeof pattern === 'string') return pattern;
  return typeof pattern === 'object' && pattern !== null ? JSON.stringify(pattern) : '';
}
