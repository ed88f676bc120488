import type { Observable } from 'rxjs';

/**
 * Makes an Observable whose subscribers do no harm by what they throw.
 *
 * @param name how messages call it
 */
export type Isolate = <T>(name: string, source: Observable<T>) => Observable<T>;
