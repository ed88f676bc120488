import { inspect, type InspectOptions } from 'node:util';
import { type Observable, skip } from 'rxjs';
import { inspected } from '../model/index.js';

/**
 * A value that stays current.
 *
 * @publicApi
 */
export interface LiveValue<T> {
  /** Evaluated on each access. Throws what the getter would throw. */
  readonly value: T;
  /** Emits each different value after subscription. */
  readonly changes$: Observable<T>;
}

/** A live value. Inspection and JSON show its key, because the value may be a secret. */
class LiveRead<T> implements LiveValue<T> {
  constructor(
    private readonly key: string,
    private readonly read: () => T,
    readonly changes$: Observable<T>,
  ) {}

  get value(): T {
    return this.read();
  }

  toJSON(): object {
    return { key: this.key };
  }

  [inspect.custom](depth: number | null, options: InspectOptions): string {
    return inspected(depth, options, this);
  }
}

/**
 * @param key shown by inspection
 * @param read returns the current value
 * @param values$ emits the current value on subscription, then each different one
 */
export function liveValue<T>(key: string, read: () => T, values$: Observable<T>): LiveValue<T> {
  return new LiveRead(key, read, values$.pipe(skip(1)));
}
