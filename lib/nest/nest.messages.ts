import { stackText } from '../errors/stack-text.js';

export const notAMethod = (place: string): string =>
  `@OnQuonfigUpdate is on ${place}, which is not a method of an instance. Put it on one.`;

export const emptyKeys = (place: string): string =>
  `@OnQuonfigUpdate on ${place} has an empty list of keys, so it would never be called. Name a key, or leave the list out to hear every update.`;

export const handlerNotStatic = (handler: string): string =>
  `The update handler ${handler} is never called: its class is request-scoped or transient, so there is no one instance to call. Move it to a provider of default scope that depends on none of those.`;

export const instanceUnknown = (handler: string, instance: string | undefined): string =>
  `The update handler ${handler} is never called: there is no Quonfig module ${moduleName(instance)}. Import one, or correct the name in @OnQuonfigUpdate.`;

export const instanceTwice = (instance: string | undefined, count: number): string =>
  `${count} Quonfig modules ${moduleName(instance)}: which of them is injected depends on the imports, and update handlers hear all of them. Import one in the root module, or give each a name of its own.`;

export const classNotExplored = (provider: string, reason: unknown): string =>
  `Provider ${provider} could not be searched for update handlers; those it may have are not called. ${stackText(reason)}`;

export const eventFailed = (event: string, reason: unknown): string =>
  `A listener of the event ${event} failed; the update is in force all the same. ${stackText(reason)}`;

export const eventBusNotReady = (reason: unknown): string =>
  `The event bus could not register all its listeners; Quonfig's events are sent to those there are. ${stackText(reason)}`;

export const hookFailed = (step: string, reason: unknown): string =>
  `Quonfig could not ${step}; the application goes on without it. ${stackText(reason)}`;

function moduleName(instance: string | undefined): string {
  return instance === undefined ? 'without a name' : `named "${instance}"`;
}
