import type { Observable } from 'rxjs';

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
