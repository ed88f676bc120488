import { Injectable, Logger } from '@nestjs/common';
import { QuonfigService, type Contexts, type EvaluationDetails } from 'nestjs-quonfig';
import { map, startWith, type Observable } from 'rxjs';
import { users, type ShopUser } from './users.js';
import { workspace } from './workspace.js';

/** What the page shows: one row per config, one cell per user. */
export interface Board {
  environment: string;
  datadir: string;
  users: ShopUser[];
  rows: BoardRow[];
}

export interface BoardRow {
  title: string;
  /** The file to edit, relative to the workspace. */
  file: string;
  unit?: 'ms';
  cells: BoardCell[];
}

export interface BoardCell {
  value: unknown;
  /** Why this value: STATIC, TARGETING_MATCH, SPLIT, DEFAULT or ERROR. */
  reason: string;
  errorMessage?: string;
}

@Injectable()
export class BoardService {
  private readonly logger = new Logger('Quickstart');

  constructor(private readonly quonfig: QuonfigService) {}

  /** Emits the board now and after each change in the workspace. */
  watch(): Observable<Board> {
    return this.quonfig.updates$.pipe(
      startWith(undefined),
      map(() => this.current()),
    );
  }

  // The board shows reasons, so it reads details. If you only need the value, write
  // quonfig.isEnabled('checkout.one-page', contexts) or quonfig.getDuration('cart.hold', contexts).
  current(): Board {
    const { quonfig } = this;
    if (quonfig.shouldLog({ configKey: 'log-level.quickstart', desiredLevel: 'debug' })) {
      this.logger.debug(`Evaluating the board for ${users.length} users`);
    }
    return {
      ...workspace,
      users,
      rows: [
        row('Flag with targeting', 'feature-flags/checkout.one-page.json', (contexts) =>
          quonfig.getBoolDetails('checkout.one-page', contexts),
        ),
        row('Percentage rollout', 'feature-flags/search.semantic.json', (contexts) =>
          quonfig.getBoolDetails('search.semantic', contexts),
        ),
        row('Experiment', 'feature-flags/home.headline.json', (contexts) =>
          quonfig.getStringDetails('home.headline', contexts),
        ),
        row('JSON', 'configs/cart.limits.json', (contexts) =>
          quonfig.getJSONDetails('cart.limits', contexts),
        ),
        {
          unit: 'ms',
          ...row('Duration', 'configs/cart.hold.json', (contexts) =>
            quonfig.getDurationDetails('cart.hold', contexts),
          ),
        },
        row('Log level', 'log-levels/log-level.quickstart.json', (contexts) =>
          quonfig.getStringDetails('log-level.quickstart', contexts),
        ),
        row('Secret', 'configs/payments.token.json', (contexts) =>
          withoutSecret(quonfig.getStringDetails('payments.token', contexts)),
        ),
      ],
    };
  }
}

function row(
  title: string,
  file: string,
  evaluate: (contexts: Contexts) => EvaluationDetails<unknown>,
): BoardRow {
  const cells = users.map(({ contexts }) => {
    const { value, reason, errorMessage } = evaluate(contexts);
    return { value: value ?? null, reason, errorMessage };
  });
  return { title, file, cells };
}

/** The page shows whether the secret was decrypted, never its value. */
function withoutSecret(details: EvaluationDetails<string>): EvaluationDetails<string> {
  const decrypted = details.value !== undefined;
  return { ...details, value: decrypted ? 'decrypted: yes (••••)' : 'decrypted: no' };
}
