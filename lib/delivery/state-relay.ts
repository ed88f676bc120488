import { Observable, ReplaySubject, Subject } from 'rxjs';

/**
 * Emits each new state to all subscribers in the same order. A state that a subscriber causes during an emission is queued
 * until that emission has reached every subscriber.
 */
export class StateRelay<State> extends Observable<State> {
  private readonly subject: Subject<State>;
  private last: State | undefined;
  private readonly queue: State[] = [];
  private emitting = false;
  private completed = false;

  /** @param first the current state. If given, each new subscriber receives the latest state, even after completion. */
  constructor(first?: State) {
    const subject = first === undefined ? new Subject<State>() : new ReplaySubject<State>(1);
    super((subscriber) => this.thenEmit(() => subject.subscribe(subscriber)));
    this.subject = subject;
    if (first !== undefined) this.next(first);
  }

  next(state: State): void {
    if (state === this.last) return;
    this.last = state;
    this.queue.push(state);
    this.thenEmit(() => undefined);
  }

  complete(): void {
    this.completed = true;
    this.thenEmit(() => undefined);
  }

  /** Runs an action, then emits the states that were queued meanwhile. */
  private thenEmit<Result>(action: () => Result): Result {
    if (this.emitting) return action();
    this.emitting = true;
    try {
      const result = action();
      for (let state = this.queue.shift(); state !== undefined; state = this.queue.shift()) {
        this.subject.next(state);
      }
      if (this.completed) this.subject.complete();
      return result;
    } finally {
      this.emitting = false;
    }
  }
}
