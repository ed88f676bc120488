import { Observable, type Observer, type Operator, Subscriber, type Subscription } from 'rxjs';
import type { CallbackRunner } from './callback-runner.js';

/**
 * An Observable whose subscribers cannot take the process down: what a `next` callback throws or rejects with is logged
 * and counted like that of an update handler. RxJS would throw it where nobody can catch it. What operators make of it is
 * isolated too.
 */
export class IsolatedObservable<T> extends Observable<T> {
  constructor(
    source: Observable<T>,
    private readonly name: string,
    private readonly callbacks: CallbackRunner,
  ) {
    super((subscriber) => source.subscribe(subscriber));
  }

  /** How operators make a new Observable of this one. */
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
    // Operators, and RxJS itself, hand on subscribers; what they do with a value is theirs.
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
      next: (value) => this.callbacks.run(this.name, () => observer.next?.(value)),
      error: (reason: unknown) => observer.error?.(reason),
      complete: () => observer.complete?.(),
    });
  }
}
