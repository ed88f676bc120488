import { distinctUntilChanged, map, Observable, startWith } from 'rxjs';
import { type Contexts, type ContextTier, sameJson } from '../model/index.js';
import type { ConfigReads } from '../reads/config-reads.js';
import { observedReadFailed } from '../reads/reads.messages.js';

/**
 * Emits the value of a key, now and after each update, without repetitions. If a read fails, its error is logged and the
 * previous value (at first the default) stays, so that a bad config does not end the subscription.
 *
 * @throws {UnknownKeyError} `unknown_key` at once, if the key is unknown under `onUnknownKey: "throw"`
 */
export function observeRead(
  reads: ConfigReads,
  key: string,
  contexts: Contexts | null | undefined,
  base: ContextTier | undefined,
  defaultValue: unknown,
): Observable<unknown> {
  reads.unknownKeys.report(key);
  return new Observable((subscriber) => {
    let last = defaultValue;
    const readOrLast = (): unknown => {
      try {
        last = reads.readOrDefault(key, contexts, base, defaultValue);
      } catch (error) {
        reads.settings.warn(observedReadFailed(key, error));
      }
      return last;
    };
    return reads.store.updates$
      .pipe(startWith(undefined), map(readOrLast), distinctUntilChanged(sameJson))
      .subscribe(subscriber);
  });
}
