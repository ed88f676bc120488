import type { Observable } from 'rxjs';

/**
 * Wraps an Observable so that a throwing subscriber cannot crash the process.
 *
 * @param name identifies the Observable in log messages
 */
export type Isolate = <T>(name: string, source: Observable<T>) => Observable<T>;
