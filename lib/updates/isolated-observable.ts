import { Observable, type Observer, type Operator, Subscriber, type Subscription } from 'rxjs';
import type { Isolate } from '../model/index.js';
import { subscriberFailed } from './callback.messages.js';
import type { CallbackRunner } from './callback-runner.js';

/** Isolates subscribers with the same runner as update handlers: their errors are logged and counted. */
export function isolatedBy(callbacks: CallbackRunner): Isolate {
  return (name, source) => new IsolatedObservable(source, name, callbacks);
}

/**
 * An Observable whose subscribers cannot crash the process. RxJS rethrows their errors in a timer, where nobody can catch
 * them; here they are logged and counted. The same goes for errors of operators, unless the subscriber handles errors.
 * Observables derived through operators are isolated too.
 */
class IsolatedObservable<T> extends Observable<T> {
  constructor(
    source: Observable<T>,
    private readonly name: string,
    private readonly callbacks: CallbackRunner,
  ) {
    super((subscriber) => source.subscribe(subscriber));
  }

  /** Operators derive new Observables through this method. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    return new IsolatedObservable<R>(super.lift(operator), this.name, this.callbacks);
  }

  override subscribe(observer?: Partial<Observer<T>>): Subscription;
  override subscribe(next: (value: T) => void): Subscription;
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // RxJS and its operators pass Subscriber objects, which must handle values unchanged.
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const observer: Partial<Observer<T>> =
      typeof observerOrNext === 'function' || !observerOrNext
        ? {
            ...(observerOrNext && { next: observerOrNext }),
            ...(error && { error }),
            ...(complete && { complete }),
          }
        : observerOrNext;
    return super.subscribe({
      next: (value) => this.run(() => observer.next?.(value)),
      error: (reason: unknown) => {
        if (observer.error) this.run(() => observer.error?.(reason));
        else this.reportOperatorError(reason);
      },
      complete: () => this.run(() => observer.complete?.()),
    });
  }

  private run(callback: () => unknown): void {
    this.callbacks.run(`A subscriber of ${this.name}`, callback, subscriberFailed);
  }

  /** Reports an operator's error that the subscriber does not handle. */
  private reportOperatorError(reason: unknown): void {
    const rethrow = (): never => {
      throw reason;
    };
    const name = `An operator on ${this.name}, which ends its subscription,`;
    this.callbacks.run(name, rethrow, subscriberFailed);
  }
}
