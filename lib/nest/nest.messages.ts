import { messageText } from '../errors/message-text.js';
import { didYouMean, quotedName } from '../errors/quoted-name.js';
import { stackText } from '../errors/stack-text.js';

export const notAMethod = (place: string): string =>
  `@OnQuonfigUpdate is on ${place}, which is not an instance method. Move it to one.`;

export const emptyKeys = (place: string): string =>
  `@OnQuonfigUpdate on ${place} has an empty list of keys and would never be called. Name a key, or omit the list to receive every update.`;

export const handlerNotStatic = (handler: string): string =>
  `The update handler ${handler} is never called: its class is request-scoped or transient, so there is no single instance to call. Move it to a provider of default scope that depends on no such class.`;

export const handlerKeyUnknown = (
  handler: string,
  key: string,
  closest: string | undefined,
): string =>
  `The update handler ${handler} names ${quotedName(key)}, which matches no config.${didYouMean(closest)} Correct it, or add the config: the handler is called from then on.`;

export const instanceUnknown = (handler: string, instance: string | undefined): string =>
  `The update handler ${handler} is never called: there is no Quonfig module ${moduleName(instance)}. Import one, or correct the name in @OnQuonfigUpdate.`;

export const instanceTwice = (instance: string | undefined, count: number): string =>
  `There are ${count} Quonfig modules ${moduleName(instance)}. Which one a class injects depends on its imports, and update handlers receive the updates of all of them. Import one in the root module, or give each its own name.`;

export const classNotExplored = (provider: string, reason: unknown): string =>
  `Provider ${provider} could not be searched for update handlers; any it has are not called. Remove the accessor or proxy that throws. ${stackText(reason)}`;

export const eventFailed = (event: string, reason: unknown): string =>
  `A listener of the event ${event} failed. The update is in effect. Fix the listener. ${stackText(reason)}`;

export const eventBusNotReady = (reason: unknown): string =>
  `The event bus could not register all its listeners; Quonfig's events reach only those that were registered. Fix the listener that fails, then restart. ${stackText(reason)}`;

export const hookFailed = (step: string, reason: unknown): string =>
  `Quonfig could not ${step}; the application continues. Reads are unaffected. Check the parts that the application overrides. ${stackText(reason)}`;

export const optionsFailed = (reason: unknown): string =>
  `The options of the Quonfig module could not be created. They are not needed, because a test overrides the service; without them, requests have contexts only if the test sets the option context. ${messageText(reason)}`;

export const overriddenLate = (part: string): string =>
  `${part} is overridden with useClass, useFactory or a promise, but Nest creates such an override later than the module needs it. Create the object in the test, and override with useValue.`;

export const loadedLazily = (instance: string | undefined): string =>
  `The Quonfig module ${moduleName(instance)} was loaded lazily. It follows changes, but Nest may not call its shutdown hook: import it in the root module, or call close() on the service yourself.`;

export const loadedTwice = (files: readonly string[]): string =>
  `nestjs-quonfig is loaded more than once: ${files.join(' and ')}. Each copy has its own QuonfigService, and the class of one copy cannot be injected from the module of another. Find the copies with "npm ls nestjs-quonfig" and keep one: libraries should declare it as a peer dependency; then run "npm dedupe".`;

export const notAPart = (part: string): string =>
  `${part} is not a part of a Quonfig instance, so getQuonfigToken has no token for it. Pass one of the classes that QuonfigModule exports.`;

export const liveNotOnInstance = (place: string): string =>
  `@Live is on ${place}, which is static. Move it to a property of the instance.`;

export const liveReadEarly = (place: string): string =>
  `${place} is not set yet: Nest sets properties with @Live right after the constructor. Read it in onModuleInit or later, or inject QuonfigService into the constructor. If no module creates the object, as in a unit test, assign the property yourself.`;

export const liveMissing = (place: string): string =>
  `${place} has no value: what the application provides in place of QuonfigService has no method live(). Add one to the stub, such as live: () => ({ value: 20 }), or provide a service from QuonfigService.create().`;

export const pendingReadReplaced = (): string =>
  'A pipe that runs before Quonfig replaced the value of a @Flag, @ConfigValue or @ConfigDetails parameter, so it cannot be read. Let global, class and method pipes leave values of type "custom" alone.';

function moduleName(instance: string | undefined): string {
  return instance === undefined ? 'without a name' : `named "${instance}"`;
}
