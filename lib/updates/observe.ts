import { distinctUntilChanged, map, Observable, startWith } from 'rxjs';
import { sameJson } from '../model/index.js';

/**
 * What a read gives, now and after each update, without repetitions. When a read fails, that is reported and the value
 * before it stays, at first the initial one: a bad config must not end the observation.
 */
export function observeRead(
  updates$: Observable<unknown>,
  read: () => unknown,
  report: (error: unknown) => void,
  initial: unknown,
): Observable<unknown> {
  return new Observable((subscriber) => {
    let last = initial;
    const readOrLast = (): unknown => {
      try {
        last = read();
      } catch (error) {
        report(error);
      }
      return last;
    };
    return updates$
      .pipe(startWith(undefined), map(readOrLast), distinctUntilChanged(sameJson))
      .subscribe(subscriber);
  });
}
