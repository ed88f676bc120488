import 'reflect-metadata';
import { QuonfigError } from '../../errors/index.js';
import type { KeyPattern } from '../../interfaces/index.js';
import { UPDATE_HANDLER_METADATA } from '../quonfig.constants.js';
import { emptyKeys, notAMethod } from '../nest.messages.js';

export interface OnQuonfigUpdateOptions {
  /** Name of the instance whose updates are wanted. Default: the one without a name. */
  name?: string;
}

/** What one `@OnQuonfigUpdate` says. */
export interface UpdateSubscription {
  readonly name: string | undefined;
  /** Keys and patterns; none for every update. */
  readonly keys: readonly string[];
}

/**
 * Calls the method with a `QuonfigUpdate` after every install of configs, the first one included. With keys, only when
 * one of them was added, changed or removed; `*` in a key stands for any run of characters.
 *
 * ```ts
 * @OnQuonfigUpdate()                                   // every update
 * @OnQuonfigUpdate('search.ranker')                    // one key
 * @OnQuonfigUpdate(['search.*', 'limits.search'])      // several, with wildcards
 * @OnQuonfigUpdate('plans.*', { name: 'billing' })     // of a named instance
 * ```
 *
 * For methods of providers and controllers that exist once. The method may be asynchronous; calls do not wait for each
 * other. What it throws or rejects with is logged under `Class.method` and goes no further. With several of these
 * decorators a method is called once for an update that fits any of them. A subclass that overrides the method repeats
 * the decorator.
 *
 * @throws {QuonfigError} `invalid_handler`: not on an instance method, or keys that are no texts or an empty list.
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
    // Kept with the class and the name, not with the function: another decorator may replace the function.
    const subscriptions = [...subscriptionsOf(target, property), { name, keys }];
    Reflect.defineMetadata(UPDATE_HANDLER_METADATA, subscriptions, target, property);
  };
}

/** What the decorators of a method say; `target` is the prototype that defines the method. */
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

function className(target: object): string {
  const owner: unknown = typeof target === 'function' ? target : target.constructor;
  return (typeof owner === 'function' && owner.name) || 'anonymous class';
}
