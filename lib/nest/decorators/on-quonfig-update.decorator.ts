import 'reflect-metadata';
import { QuonfigError } from '../../errors/index.js';
import type { KeyPattern } from '../../interfaces/index.js';
import { UPDATE_HANDLER_METADATA } from '../quonfig.constants.js';
import { emptyKeys, notAMethod } from '../nest.messages.js';
import { className } from '../class-name.js';

/**
 * Options of `@OnQuonfigUpdate`.
 *
 * @publicApi
 */
export interface OnQuonfigUpdateOptions {
  /** Name of the instance to follow. If omitted, the unnamed one. */
  name?: string | undefined;
}

/** What one `@OnQuonfigUpdate` subscribes to. */
export interface UpdateSubscription {
  readonly name: string | undefined;
  /** Keys and patterns; empty for every update. */
  readonly keys: readonly string[];
}

/**
 * Calls the method with a `QuonfigUpdate` after every install of configs, including the first. With keys, only when one of
 * them was added, changed or removed; `*` in a key matches any run of characters.
 *
 * For methods of singleton providers and controllers. The method may be async; calls do not wait for each other. A
 * throw or rejection is logged as `Class.method` and affects nothing else. A method with several of these decorators is
 * called once for an update that matches any of them. A subclass that overrides the method must repeat the decorator.
 *
 * @param keys a key, a pattern, or a list of both. If omitted, every update matches
 * @param options names the instance to follow
 * @returns a decorator for methods
 * @throws {QuonfigError} `invalid_handler`: not on an instance method, or keys that are not strings, or an empty list
 * @example
 * ```ts
 * @OnQuonfigUpdate()                                   // every update
 * @OnQuonfigUpdate('search.ranker')                    // one key
 * @OnQuonfigUpdate(['search.*', 'limits.search'])      // several, with wildcards
 * @OnQuonfigUpdate('plans.*', { name: 'billing' })     // of a named instance
 * ```
 *
 * @publicApi
 */
export function OnQuonfigUpdate(
  keys?: KeyPattern | readonly KeyPattern[],
  options?: OnQuonfigUpdateOptions,
): MethodDecorator;
export function OnQuonfigUpdate(options: OnQuonfigUpdateOptions): MethodDecorator;
export function OnQuonfigUpdate(
  keysOrOptions?: KeyPattern | readonly KeyPattern[] | OnQuonfigUpdateOptions,
  options?: OnQuonfigUpdateOptions,
): MethodDecorator {
  const withoutKeys = isOptions(keysOrOptions);
  const keys = withoutKeys || keysOrOptions === undefined ? [] : [keysOrOptions].flat();
  const name = (withoutKeys ? keysOrOptions : options)?.name;
  return (target, property, descriptor) => {
    const place = `${className(target)}.${String(property)}`;
    if (typeof target === 'function' || typeof descriptor?.value !== 'function') {
      throw new QuonfigError('invalid_handler', notAMethod(place));
    }
    const emptyList = Array.isArray(keysOrOptions) && keys.length === 0;
    if (emptyList || !keys.every((key) => typeof key === 'string' && key.trim() !== '')) {
      throw new QuonfigError('invalid_handler', emptyKeys(place));
    }
    // Stored under class and name: another decorator may replace the function, which would lose the metadata.
    const subscriptions = [...subscriptionsOf(target, property), { name, keys }];
    Reflect.defineMetadata(UPDATE_HANDLER_METADATA, subscriptions, target, property);
  };
}

/** Returns the subscriptions of a method; `target` is the prototype that defines it. */
export function subscriptionsOf(
  target: object,
  property: string | symbol,
): readonly UpdateSubscription[] {
  return (
    (Reflect.getOwnMetadata(UPDATE_HANDLER_METADATA, target, property) as
      readonly UpdateSubscription[] | undefined) ?? []
  );
}

function isOptions(value: unknown): value is OnQuonfigUpdateOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
