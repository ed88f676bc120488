import { Observable, type Subscriber } from 'rxjs';
import type { QuonfigRead } from '../interfaces/index.js';

/** Emits reads to the subscribers of `reads$`. A read that a subscriber makes itself is not emitted. */
export class ReadFeed {
  readonly reads$ = new Observable<QuonfigRead>((subscriber) => this.add(subscriber));
  private readonly subscribers = new Set<Subscriber<QuonfigRead>>();
  private emitting = false;

  /** @param observed called with whether anybody is subscribed, when a subscriber comes or goes */
  constructor(private readonly observed: (isObserved: boolean) => void) {}

  emit(read: QuonfigRead): void {
    if (this.emitting) return;
    this.emitting = true;
    try {
      for (const subscriber of this.subscribers) subscriber.next(read);
    } finally {
      this.emitting = false;
    }
  }

  private add(subscriber: Subscriber<QuonfigRead>): () => void {
    this.subscribers.add(subscriber);
    this.observed(true);
    return () => {
      this.subscribers.delete(subscriber);
      this.observed(this.subscribers.size > 0);
    };
  }
}
