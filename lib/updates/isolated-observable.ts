import { Observable, type Observer, type Operator, Subscriber, type Subscription } from 'rxjs';
import type { Isolate } from '../model/index.js';
import type { CallbackRunner } from './callback-runner.js';

/** Logs and counts what subscribers throw like what update handlers throw. */
export function isolatedBy(callbacks: CallbackRunner): Isolate {
  return (name, source) => new IsolatedObservable(source, name, callbacks);
}

/**
 * An Observable whose subscribers cannot take the process down: what they throw or reject with is logged and counted, and
 * so is what an operator throws, unless the subscriber hears of errors itself. RxJS would throw all of it where nobody can
 * catch it. What operators make of it is isolated too.
 */
class IsolatedObservable<T> extends Observable<T> {
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
      next: (value) => this.run(() => observer.next?.(value)),
      error: (reason: unknown) => {
        if (observer.error) this.run(() => observer.error?.(reason));
        else this.ended(reason);
      },
      complete: () => this.run(() => observer.complete?.()),
    });
  }

  private run(callback: () => unknown): void {
    this.callbacks.run(`A subscriber of ${this.name}`, callback);
  }

  /** By an operator, and nobody has heard of it. */
  private ended(reason: unknown): void {
    this.callbacks.run(`An operator on ${this.name}, which ends its subscription,`, () => {
      throw reason;
    });
  }
}
