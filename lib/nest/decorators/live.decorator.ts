import { Inject } from '@nestjs/common';
import type { QuonfigService } from '../../client/quonfig.service.js';
import { QuonfigError } from '../../errors/index.js';
import type { KnownKey, UntypedKey, ValueOf } from '../../interfaces/index.js';
import { liveMissing, liveNotOnInstance, liveReadEarly } from '../nest.messages.js';
import { getQuonfigToken } from '../quonfig.tokens.js';
import type { InstanceOption } from './instance-option.js';

/**
 * Sets a property of a provider or controller to a `LiveValue`, as `live` returns it. It is set right after the
 * constructor, before any `onModuleInit`. Inside a request, `.value` is the value for the caller.
 *
 * In the constructor it is not set yet. Reading it there throws an error that says so, or returns `undefined` if the
 * compiler option `useDefineForClassFields` is on and the property is not declared with `declare`.
 *
 * @param key key of the config
 * @param defaultValue used when the key has no value. Without it, `.value` follows `onNoDefault`
 * @param options `{ instance }` to read from a named instance
 * @throws {QuonfigError} `invalid_handler`: on a static property
 * @example
 * ```ts
 * @Live('search.limit', 20) private readonly limit!: LiveValue<number>;
 * ```
 *
 * @publicApi
 */
export function Live<Key extends KnownKey | UntypedKey>(
  key: Key,
  defaultValue?: ValueOf<Key>,
  options?: InstanceOption,
): PropertyDecorator {
  return (target, property) => {
    const owner = typeof target === 'function' ? target : target.constructor;
    const place = `${owner.name || 'anonymous class'}.${String(property)}`;
    if (typeof target === 'function') {
      throw new QuonfigError('invalid_handler', liveNotOnInstance(place));
    }
    // Nest assigns the service to this property of the instance, and the setter turns it into the live value.
    const injected = Symbol(`service of ${place}`);
    Object.defineProperty(target, injected, {
      configurable: true,
      set(this: object, service: Partial<QuonfigService>) {
        if (typeof service.live === 'function') {
          const live = service.live<unknown>(key as UntypedKey, undefined, defaultValue);
          define(this, property, live);
        } else {
          defineMissing(this, property, place);
        }
      },
    });
    Inject(getQuonfigToken(options?.instance))(target, injected);
    Object.defineProperty(target, property, {
      configurable: true,
      get(): never {
        throw new QuonfigError('read_too_early', liveReadEarly(place));
      },
      // A test that creates the object itself assigns a value of its own.
      set(this: object, value: unknown) {
        define(this, property, value);
      },
    });
  };
}

function define(instance: object, property: string | symbol, value: unknown): void {
  Object.defineProperty(instance, property, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/** A test may provide a stub of the service for the methods that it calls. The property fails only where it is read. */
function defineMissing(instance: object, property: string | symbol, place: string): void {
  Object.defineProperty(instance, property, {
    configurable: true,
    get(): never {
      throw new QuonfigError('incomplete_service', liveMissing(place));
    },
    set(value: unknown) {
      define(instance, property, value);
    },
  });
}
