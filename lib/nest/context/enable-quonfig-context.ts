import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ApplicationContexts } from './application-contexts.js';
import { enterOnRpc, type RpcServer } from './rpc-entry.js';
import { type AdapterHolder, enterOnGateways } from './ws-entry.js';

/** What Nest's applications and microservices are made of. The names are the same in Nest 11 and 12. */
interface Target {
  /** Of an HTTP application. */
  readonly config?: AdapterHolder;
  /** Of a microservice. */
  readonly applicationConfig?: AdapterHolder;
  readonly serverInstance?: RpcServer;
  getMicroservices?(): Target[];
  readonly connectMicroservice?: (...args: unknown[]) => Target;
}

/**
 * Lets the option `context` apply to messages of microservices and gateways, of all instances: each message runs with its own
 * contexts, in guards, interceptors, pipes, handlers and everything they start. `handleConnection` and `handleDisconnect` of
 * gateways run with those of the connection. HTTP and GraphQL need no call.
 *
 * Call it right after the application is created. Hybrid applications: before or after `connectMicroservice`, once for all
 * microservices. Calling it twice has no effect.
 *
 * @param app what `NestFactory.create` or `NestFactory.createMicroservice` returned
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule);
 * enableQuonfigContext(app);
 * await app.listen(3000);
 * ```
 * @publicApi
 */
export function enableQuonfigContext(app: INestApplicationContext): void {
  const application = ApplicationContexts.of(app.get(ModulesContainer));
  const target = app as unknown as Target;
  application.enabled = enterOn(target, application);
  for (const microservice of target.getMicroservices?.() ?? []) enterOn(microservice, application);
  if (application.isFirst(target)) enterOnLaterMicroservices(target, application);
}

/** `NestFactory` returns a proxy that ignores assignments and looks methods up at each call: hence define, and the prototype. */
function enterOnLaterMicroservices(target: Target, application: ApplicationContexts): void {
  const { connectMicroservice } = Object.getPrototypeOf(target) as Target;
  if (!connectMicroservice) return;
  Object.defineProperty(target, 'connectMicroservice', {
    configurable: true,
    writable: true,
    value(this: Target, ...args: unknown[]): Target {
      const microservice = connectMicroservice.apply(this, args);
      enterOn(microservice, application);
      return microservice;
    },
  });
}

/** Returns whether there was something to enter on: nothing has messages in an application context. */
function enterOn(target: Target, application: ApplicationContexts): boolean {
  const { serverInstance, config = target.applicationConfig } = target;
  if (serverInstance) enterOnRpc(serverInstance, application);
  if (config) enterOnGateways(config, application);
  return config !== undefined || serverInstance !== undefined;
}
