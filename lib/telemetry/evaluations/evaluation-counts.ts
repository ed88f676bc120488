import { COUNTERS_PER_CONFIG, MAX_COUNTS_CHARACTERS } from '../bounds.js';
import type { Outcome } from '../../evaluation/index.js';
import { selectedValue } from './selected-value.js';
import { inSlices } from '../../model/index.js';

/** Within one snapshot, a rule of the environment and a default rule can have the same outcome. */
const OUTCOMES_ALIKE = 2;

/** How often reads of a config returned one value by one rule. */
export class Counter {
  private reads = 0;
  /** Outcomes whose cells count for this counter. */
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

  /** Lets the cell of an outcome count for this counter, in place of the outcomes of replaced snapshots. */
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

/** The counters of one config. */
export interface CountedConfig {
  readonly key: string;
  readonly type: string;
  /** By their text. */
  readonly counters: Map<string, Counter>;
}

/** The counts of one window. */
export interface ClosedCounts {
  /** When the first of them was read, in ms since the epoch. */
  readonly start: number;
  readonly configs: Iterable<CountedConfig>;
}

/**
 * Counts reads by value and rule. Each outcome counts its own reads in its cell, so that a read costs one increment; an
 * outcome is registered when it is first read in a window. Equal outcomes of a newer snapshot share the counter.
 */
export class EvaluationCounts {
  private configs = new Map<string, CountedConfig>();
  /** Counters of values that may differ from read to read: those of environment variables. */
  private varying = new WeakMap<Outcome, Map<unknown, Counter>>();
  private counters = 0;
  private characters = 0;
  private start = 0;

  constructor(private readonly maxConfigs: number) {}

  get isEmpty(): boolean {
    return this.counters === 0;
  }

  /** Records the first read of an outcome in this window, or any read of one whose value may differ. */
  record(outcome: Outcome, value: unknown): void {
    // Log levels are read with every message and are no evaluations: they are not reported.
    if (outcome.config.type === 'log_level') return;
    if (!outcome.isUniform) {
      this.counterOfVarying(outcome, value)?.increment();
      return;
    }
    outcome.report ??= textOf(outcome, value);
    const counter = this.counterOf(outcome, outcome.report);
    if (counter !== undefined) counter.adopt(outcome);
    // Not counted because the window is full: reset, so that the next read retries.
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
    if (this.characters + size > MAX_COUNTS_CHARACTERS) return undefined;
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

/** Returns the event that reports how often each value was read, in pieces. */
export async function summariesEvent(
  { start, configs }: ClosedCounts,
  end: number,
): Promise<string[]> {
  const pieces: string[] = [];
  await inSlices(configs, (config) => {
    pieces.push(pieces.length === 0 ? '' : ',', summaryText(config));
  });
  return [`{"summaries":{"start":${start},"end":${end},"summaries":[`, ...pieces, ']}}'];
}

function summaryText({ key, type, counters }: CountedConfig): string {
  const texts = [...counters.values()].map(counterText);
  return `{"key":${JSON.stringify(key)},"type":${JSON.stringify(type)},"counters":[${texts.join()}]}`;
}

function counterText({ text, count, reason }: Counter): string {
  return `${text.slice(0, -1)},"count":${count},"reason":${reason}}`;
}
