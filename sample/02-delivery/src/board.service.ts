import { Injectable } from '@nestjs/common';
import { QuonfigService, type Contexts, type QuonfigHealth } from 'nestjs-quonfig';
import { interval, map, merge, startWith, type Observable } from 'rxjs';
import { users } from './users.js';

/** What the page shows. */
export interface Board {
  rows: BoardRow[];
  health: QuonfigHealth;
}

/** A user and the values this user gets. */
export interface BoardRow {
  title: string;
  contexts: Contexts;
  onePageCheckout: boolean;
  headline: string;
}

@Injectable()
export class BoardService {
  constructor(private readonly quonfig: QuonfigService) {}

  /** Emits the board now, after each event, and every second, because the age of the configs keeps growing. */
  watch(): Observable<Board> {
    const { updates$, connectionState$, terminalFailure$ } = this.quonfig;
    return merge(updates$, connectionState$, terminalFailure$, interval(1000)).pipe(
      startWith(undefined),
      map(() => this.current()),
    );
  }

  current(): Board {
    const rows = users.map(({ title, contexts }) => ({
      title,
      contexts,
      onePageCheckout: this.quonfig.isEnabled('checkout.one-page', contexts),
      headline: this.quonfig.getString('home.headline', contexts, 'Welcome'),
    }));
    return { rows, health: this.quonfig.health() };
  }
}
