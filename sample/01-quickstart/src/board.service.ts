import { basename } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { QuonfigService, type Contexts, type EvaluationDetails } from 'nestjs-quonfig';
import { distinctUntilChanged, interval, map, merge, startWith, type Observable } from 'rxjs';
import { users, type ShopUser } from './users.js';
import { workspace } from './workspace.js';

/** What the page shows: one row per config, one cell per user. */
export interface Board {
  environment: string;
  datadir: string;
  /** Why the values are older than the files: a file that cannot be read. */
  brokenFile: string | null;
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
  /** What the rule that matched is about, e.g. `user.plan`; `everyone else` for a rule without conditions. */
  targeting?: string;
  errorMessage?: string;
}

@Injectable()
export class BoardService {
  private readonly logger = new Logger('Quickstart');

  constructor(private readonly quonfig: QuonfigService) {}

  /** Emits the board now, after each change in the workspace, and when a file breaks or is repaired. */
  watch(): Observable<Board> {
    // A broken file changes no value, so it causes no update.
    const brokenFile$ = interval(500).pipe(
      map(() => this.brokenFile()),
      startWith(this.brokenFile()),
      distinctUntilChanged(),
    );
    return merge(this.quonfig.updates$, brokenFile$).pipe(map(() => this.current()));
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
      brokenFile: this.brokenFile(),
      users,
      rows: [
        this.row('Flag with targeting', 'feature-flags/checkout.one-page.json', (key, contexts) =>
          quonfig.getBoolDetails(key, contexts),
        ),
        this.row('Percentage rollout', 'feature-flags/search.semantic.json', (key, contexts) =>
          quonfig.getBoolDetails(key, contexts),
        ),
        this.row('Experiment', 'feature-flags/home.headline.json', (key, contexts) =>
          quonfig.getStringDetails(key, contexts),
        ),
        this.row('JSON', 'configs/cart.limits.json', (key, contexts) =>
          quonfig.getJSONDetails(key, contexts),
        ),
        {
          unit: 'ms',
          ...this.row('Duration', 'configs/cart.hold.json', (key, contexts) =>
            quonfig.getDurationDetails(key, contexts),
          ),
        },
        this.row('Log level', 'log-levels/log-level.quickstart.json', (key, contexts) =>
          quonfig.getStringDetails(key, contexts),
        ),
        this.row('Secret', 'configs/payments.token.json', (key, contexts) =>
          withoutSecret(quonfig.getStringDetails(key, contexts)),
        ),
      ],
    };
  }

  private brokenFile(): string | null {
    const { olderThanFiles, lastError } = this.quonfig.health();
    return olderThanFiles ? lastError : null;
  }

  private row(
    title: string,
    file: string,
    evaluate: (key: string, contexts: Contexts) => EvaluationDetails<unknown>,
  ): BoardRow {
    const key = basename(file, '.json');
    const cells = users.map(({ contexts }) => {
      const { value, reason, errorMessage } = evaluate(key, contexts);
      const targeting = reason === 'TARGETING_MATCH' ? this.targeting(key, contexts) : undefined;
      return { value: value ?? null, reason, targeting, errorMessage };
    });
    return { title, file, cells };
  }

  /** `explain` returns every rule tried; the last one matched. */
  private targeting(key: string, contexts: Contexts): string {
    const { criteria = [] } = this.quonfig.explain(key, contexts).rules.at(-1) ?? {};
    const subjects = criteria
      .map(({ segment, propertyName }) => (segment ? `segment ${segment.key}` : propertyName))
      .filter((subject) => subject !== undefined);
    return subjects.join(', ') || 'everyone else';
  }
}

/** The page shows whether the secret was decrypted, never its value. */
function withoutSecret(details: EvaluationDetails<string>): EvaluationDetails<string> {
  const decrypted = details.value !== undefined;
  return { ...details, value: decrypted ? 'decrypted: yes (••••)' : 'decrypted: no' };
}
