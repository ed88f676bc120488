import { Observable, ReplaySubject, Subject } from 'rxjs';

/**
 * Tells each state that differs from the one before to every subscriber, and to all in the same order: what comes up while
 * a state is being told, because a subscriber acts on it, is told afterwards.
 */
export class StateRelay<State> extends Observable<State> {
  private readonly subject: Subject<State>;
  private last: State | undefined;
  private readonly due: State[] = [];
  private telling = false;
  private over = false;

  /** @param first the state now. With it each new subscriber is told the state, after the end too. */
  constructor(first?: State) {
    const subject = first === undefined ? new Subject<State>() : new ReplaySubject<State>(1);
    super((subscriber) => this.inTurn(() => subject.subscribe(subscriber)));
    this.subject = subject;
    if (first !== undefined) this.next(first);
  }

  next(state: State): void {
    if (state === this.last) return;
    this.last = state;
    this.due.push(state);
    this.inTurn(() => undefined);
  }

  complete(): void {
    this.over = true;
    this.inTurn(() => undefined);
  }

  /** Does something, then tells what came up meanwhile. */
  private inTurn<Result>(action: () => Result): Result {
    if (this.telling) return action();
    this.telling = true;
    try {
      const result = action();
      for (let state = this.due.shift(); state !== undefined; state = this.due.shift()) {
        this.subject.next(state);
      }
      if (this.over) this.subject.complete();
      return result;
    } finally {
      this.telling = false;
    }
  }
}
