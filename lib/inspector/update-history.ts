import type { Config, QuonfigService, QuonfigUpdate } from '../index.js';
import { type DiffLine, diffOf, linesOf } from './config-lines.js';
import type { KeyIndex } from './key-index.js';

/** How many updates are kept, and of how many keys of each the configs are. */
const MAX_UPDATES = 50;
const MAX_KEYS = 100;

export interface ChangedKey {
  readonly key: string;
  readonly change: 'added' | 'changed' | 'removed';
}

/** One update, without its differences. */
export interface HistoryEntry {
  /** Counts updates since the inspector started. */
  readonly id: number;
  readonly source: string;
  readonly version: string;
  readonly environment: string;
  readonly generation: number;
  readonly installedAt: string;
  /** Whether the configs were there before the inspector was: there is nothing to compare them with. */
  readonly isFirst: boolean;
  /** How many keys it concerns. */
  readonly total: number;
  /** 100 at most. */
  readonly keys: readonly ChangedKey[];
}

/** The difference of one key in one update. */
export interface KeyDifference extends ChangedKey {
  readonly lines: readonly DiffLine[];
  /** Whether only hidden values or fields that rules do not have are different. */
  readonly looksEqual: boolean;
}

interface KeptUpdate {
  readonly entry: HistoryEntry;
  readonly configs: ReadonlyMap<string, { before: Config | undefined; after: Config | undefined }>;
}

/** Keeps the last updates, with the configs before and after. */
export class UpdateHistory {
  private readonly updates: KeptUpdate[] = [];
  private count = 0;

  constructor(private readonly quonfig: QuonfigService) {
    if (quonfig.ready()) this.addFirst();
  }

  /** The last updates, the newest first. */
  get entries(): HistoryEntry[] {
    return this.updates.map(({ entry }) => entry).toReversed();
  }

  /** Call it while the update is being delivered. */
  add(update: QuonfigUpdate): HistoryEntry {
    const keys = changedKeys(update);
    const kept = keys.slice(0, MAX_KEYS);
    const isFirst = this.count === 0;
    const configs = new Map(
      (isFirst ? [] : kept).map(({ key }) => [
        key,
        { before: update.configBefore?.(key), after: this.quonfig.rawConfig(key) },
      ]),
    );
    const { source, version, environment, generation, installedAt } = update;
    return this.keep(configs, {
      id: ++this.count,
      source,
      version,
      environment,
      generation,
      installedAt: installedAt.toISOString(),
      isFirst,
      total: keys.length,
      keys: isFirst ? [] : kept,
    });
  }

  /** The differences of one update; `undefined` if it is no longer kept. */
  differences(id: number, { decrypting }: KeyIndex): KeyDifference[] | undefined {
    const found = this.updates.find(({ entry }) => entry.id === id);
    return found?.entry.keys.map(({ key, change }) => {
      const { before, after } = found.configs.get(key) ?? {};
      const { environment } = found.entry;
      const lines = diffOf(
        linesOf(before, environment, decrypting),
        linesOf(after, environment, decrypting),
      );
      return { key, change, lines, looksEqual: lines.every(({ sign }) => sign === ' ') };
    });
  }

  private addFirst(): void {
    const { source, version, environment, generation, lastSuccessfulRefresh } =
      this.quonfig.health();
    this.keep(new Map(), {
      id: ++this.count,
      source: source ?? 'datafile',
      version: version ?? '',
      environment: environment ?? '',
      generation,
      installedAt: lastSuccessfulRefresh ?? new Date().toISOString(),
      isFirst: true,
      total: this.quonfig.keys().length,
      keys: [],
    });
  }

  private keep(configs: KeptUpdate['configs'], entry: HistoryEntry): HistoryEntry {
    this.updates.push({ entry, configs });
    if (this.updates.length > MAX_UPDATES) this.updates.shift();
    return entry;
  }
}

function changedKeys({ added, changed, removed }: QuonfigUpdate): ChangedKey[] {
  const named = (keys: readonly string[], change: ChangedKey['change']): ChangedKey[] =>
    keys.map((key) => ({ key, change }));
  return [...named(changed, 'changed'), ...named(added, 'added'), ...named(removed, 'removed')];
}
