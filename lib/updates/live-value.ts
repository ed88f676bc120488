import type { Observable } from 'rxjs';

/**
 * A value that stays current.
 *
 * @publicApi
 */
export interface LiveValue<T> {
  /** Read now: always the value in force. Throws what the getter would throw. */
  readonly value: T;
  /** Each different value from now on. */
  readonly changes$: Observable<T>;
}
