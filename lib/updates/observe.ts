import { distinctUntilChanged, map, Observable, startWith } from 'rxjs';
import { sameJson } from '../model/index.js';

/**
 * Emits the result of a read, now and after each update, without repetitions. If a read fails, its error is reported and
 * the previous value (at first `initial`) stays, so that a bad config does not end the subscription.
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
