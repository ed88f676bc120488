import type { Contexts } from '../model/index.js';

/**
 * An HTTP request, GraphQL over HTTP included. On Fastify, the request is the `FastifyRequest` that guards see.
 *
 * @publicApi
 */
export interface HttpContextSource<Request = any, Response = any> {
  /** Tells the kinds of sources apart. */
  readonly type: 'http';
  /** The request of the platform. */
  readonly request: Request;
  /** The response of the platform. */
  readonly response: Response;
}

/**
 * A GraphQL operation over a WebSocket, such as an event of a subscription.
 *
 * @publicApi
 */
export interface GraphqlContextSource<Request = any> {
  /** Tells the kinds of sources apart. */
  readonly type: 'graphql';
  /** The request that opened the connection, if the driver has it in its context. */
  readonly request: Request | undefined;
  /** The GraphQL context of the driver. */
  readonly context: any;
}

/**
 * A message of a microservice.
 *
 * @publicApi
 */
export interface RpcContextSource {
  /** Tells the kinds of sources apart. */
  readonly type: 'rpc';
  /** Pattern of the handler, as its transport names it; empty if unknown. */
  readonly pattern: string;
  /** Payload of the message. */
  readonly data: any;
  /** Context of the transport, e.g. `TcpContext`. */
  readonly context: any;
}

/**
 * A message or connection of a gateway.
 *
 * @publicApi
 */
export interface WsContextSource<Client = any> {
  /** Tells the kinds of sources apart. */
  readonly type: 'ws';
  /** The client's socket. */
  readonly client: Client;
  /** Pattern of the message; empty when a client connects or disconnects. */
  readonly pattern: string;
  /** Payload of the message. */
  readonly data: any;
}

/**
 * A call over a transport that this package does not know.
 *
 * @publicApi
 */
export interface OtherContextSource {
  /** Tells the kinds of sources apart. */
  readonly type: 'other';
  /** What the transport calls itself: `ExecutionContext.getType()`. */
  readonly transport: string;
  /** The arguments of the handler. */
  readonly args: readonly any[];
}

/**
 * What the option `context` receives about a request or message. `type` tells the transports apart.
 *
 * @publicApi
 */
export type ContextSource<Request = any> =
  | HttpContextSource<Request>
  | GraphqlContextSource<Request>
  | RpcContextSource
  | WsContextSource
  | OtherContextSource;

/**
 * Returns the contexts of a request or message; `undefined` for none. A synchronous function runs at the first read of
 * a request, an async one before guards.
 *
 * @publicApi
 */
export type ContextFactory = (
  source: ContextSource,
) => Contexts | undefined | Promise<Contexts | undefined>;
