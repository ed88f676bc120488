import { type Observable, skip } from 'rxjs';

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

/**
 * @param read returns the current value
 * @param values$ emits the current value on subscription, then each different one
 */
export function liveValue<T>(read: () => T, values$: Observable<T>): LiveValue<T> {
  return {
    get value() {
      return read();
    },
    changes$: values$.pipe(skip(1)),
  };
}
