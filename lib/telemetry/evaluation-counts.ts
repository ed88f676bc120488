import type { Outcome } from '../evaluation/index.js';
import { selectedValue } from './selected-value.js';

/** Different values of one config are rarer than configs, but a random one has no end to them. */
const COUNTERS_PER_CONFIG = 10;
/** What one window tells at most, in characters: values can be long. */
const MAX_WINDOW = 8_000_000;
/** Of one snapshot, the rules of the environment and the default ones can come to the same. */
const OUTCOMES_ALIKE = 2;

/** How often reads of a config came to one value by one rule. */
export class Counter {
  private reads = 0;
  /** Outcomes that count for it themselves: each read of one is an addition there, and nothing here. */
  private readonly outcomes: Outcome[] = [];

  /** @param text its fields as JSON, but for the count and the reason: what makes it another counter than others */
  constructor(
    readonly text: string,
    readonly reason: number,
  ) {}

  get count(): number {
    return this.reads;
  }

  increment(): void {
    this.reads++;
  }

  /** Lets an outcome count for it, in place of those of replaced snapshots. */
  adopt(outcome: Outcome): void {
    this.outcomes.push(outcome);
    if (this.outcomes.length > OUTCOMES_ALIKE) this.collect(this.outcomes.shift()!);
  }

  collectAll(): void {
    for (const outcome of this.outcomes.splice(0)) this.collect(outcome);
  }

  private collect(outcome: Outcome): void {
    this.reads += outcome.reads;
    outcome.reads = 0;
  }
}

/** What reads of one config came to. */
export interface CountedConfig {
  readonly key: string;
  readonly type: string;
  /** By their text. */
  readonly counters: Map<string, Counter>;
}

/** What was counted in one window. */
export interface ClosedCounts {
  /** When the first of them was read, in ms since the epoch. */
  readonly start: number;
  readonly configs: Iterable<CountedConfig>;
}

/**
 * Counts what reads come to. The count stands in the outcome itself, so that a read costs an increment; an outcome is
 * noted down when it is first read in a window. One of a newer snapshot counts for the same counter when it is alike.
 */
export class EvaluationCounts {
  private configs = new Map<string, CountedConfig>();
  /** Counters of what is not the same for every read: values of environment variables. */
  private varying = new WeakMap<Outcome, Map<unknown, Counter>>();
  private counters = 0;
  private characters = 0;
  private start = 0;

  constructor(private readonly maxConfigs: number) {}

  get isEmpty(): boolean {
    return this.counters === 0;
  }

  /** A read came to an outcome, for the first time in this window or with a value that is not always the same. */
  record(outcome: Outcome, value: unknown): void {
    // Log levels are asked for with every message: they are nobody's evaluation. They stay as they are, and silent.
    if (outcome.config.type === 'log_level') return;
    if (!outcome.isToldAlike) {
      this.counterOfVarying(outcome, value)?.increment();
      return;
    }
    outcome.told ??= textOf(outcome, value);
    const counter = this.counterOf(outcome, outcome.told);
    if (counter !== undefined) counter.adopt(outcome);
    // Left out, so that its next read comes here again.
    else outcome.reads = 0;
  }

  /** Closes the window and opens the next. */
  take(): ClosedCounts | undefined {
    const { configs, start, isEmpty } = this;
    this.configs = new Map();
    this.varying = new WeakMap();
    this.counters = 0;
    this.characters = 0;
    for (const { counters } of configs.values()) {
      for (const counter of counters.values()) counter.collectAll();
    }
    return isEmpty ? undefined : { start, configs: configs.values() };
  }

  private counterOfVarying(outcome: Outcome, value: unknown): Counter | undefined {
    const known = this.varying.get(outcome);
    const counter = known?.get(value) ?? this.counterOf(outcome, textOf(outcome, value));
    // An object is another one with each read.
    if (counter === undefined || typeof value === 'object') return counter;
    if (known === undefined) this.varying.set(outcome, new Map([[value, counter]]));
    else known.set(value, counter);
    return counter;
  }

  /** The counter of an outcome, new or not; `undefined` when there is no room for it. */
  private counterOf(outcome: Outcome, text: string): Counter | undefined {
    const { type, key } = outcome.config;
    const place = `${type} ${key}`;
    const config = this.configs.get(place);
    if (config === undefined && this.configs.size >= this.maxConfigs) return undefined;
    const known = config?.counters.get(text);
    if (known !== undefined) return known;
    const size = text.length + (config === undefined ? key.length : 0);
    if (this.counters >= this.maxConfigs * COUNTERS_PER_CONFIG) return undefined;
    if (this.characters + size > MAX_WINDOW) return undefined;
    if (this.counters === 0) this.start = Date.now();
    this.counters++;
    this.characters += size;
    const counter = new Counter(text, outcome.reason);
    if (config === undefined) {
      this.configs.set(place, { key, type, counters: new Map([[text, counter]]) });
    } else {
      config.counters.set(text, counter);
    }
    return counter;
  }
}

function textOf(outcome: Outcome, value: unknown): string {
  const { config, ruleIndex, weightedValueIndex } = outcome;
  return JSON.stringify({
    configId: config.id,
    conditionalValueIndex: ruleIndex,
    configRowIndex: 0,
    ...(weightedValueIndex !== undefined && { weightedValueIndex }),
    selectedValue: selectedValue(outcome, value),
  });
}
