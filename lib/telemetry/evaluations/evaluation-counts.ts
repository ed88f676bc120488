import {
  COUNTERS_PER_CONFIG,
  MAX_COUNTS_CHARACTERS,
  MAX_LIST_CHARACTERS,
  MAX_VALUE_CHARACTERS,
  truncate,
} from '../bounds.js';
import type { Outcome } from '../../evaluation/index.js';
import { cutText, inSlices, type JsonObject } from '../../model/index.js';

/** Within one snapshot, an environment rule and a default rule can have equal outcomes. */
const MAX_EQUAL_OUTCOMES = 2;

/** How often reads of a config returned one value through one rule. */
export class Counter {
  private reads = 0;
  /** Outcomes whose cells belong to this counter. */
  private readonly outcomes: Outcome[] = [];

  /** @param fields the counter as JSON, without count and reason; identifies the counter */
  constructor(
    readonly fields: string,
    readonly reason: number,
  ) {}

  get count(): number {
    return this.reads;
  }

  increment(): void {
    this.reads++;
  }

  /** Adds the cell of an outcome to this counter. It displaces outcomes of replaced snapshots. */
  adopt(outcome: Outcome): void {
    this.outcomes.push(outcome);
    if (this.outcomes.length > MAX_EQUAL_OUTCOMES) this.collect(this.outcomes.shift()!);
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
  /** By `fields`. */
  readonly counters: Map<string, Counter>;
}

/** The counts of one window. */
export interface ClosedCounts {
  /** Time of the first counted read, in ms since the epoch. */
  readonly start: number;
  readonly configs: Iterable<CountedConfig>;
}

/**
 * Counts reads by value and rule. Each outcome counts its own reads in its cell, so that a read costs one increment; an
 * outcome is registered when it is first read in a window. Equal outcomes of a newer snapshot share the counter.
 */
export class EvaluationCounts {
  /** In private fields, where inspection does not reach: values of environment variables are counted by their text. */
  #configs = new Map<string, CountedConfig>();
  /** Counters of values that can differ between reads, because they come from environment variables. */
  #varying = new WeakMap<Outcome, Map<unknown, Counter>>();
  private counters = 0;
  private characters = 0;
  private start = 0;

  constructor(private readonly maxConfigs: number) {}

  get isEmpty(): boolean {
    return this.counters === 0;
  }

  /** Records the first read of an outcome in this window, or every read if the outcome's value can differ. */
  record(outcome: Outcome, value: unknown): void {
    // Log levels are read for every log message; they are not reported as evaluations.
    if (outcome.config.type === 'log_level') return;
    if (!outcome.isUniform) {
      this.counterOfVarying(outcome, value)?.increment();
      return;
    }
    outcome.report ??= counterFields(outcome, value);
    const counter = this.counterOf(outcome, outcome.report);
    if (counter !== undefined) counter.adopt(outcome);
    // Not counted because the window is full: reset, so that the next read retries.
    else outcome.reads = 0;
  }

  /** Closes the window and starts the next. */
  take(): ClosedCounts | undefined {
    const { start, isEmpty } = this;
    const configs = this.#configs;
    this.#configs = new Map();
    this.#varying = new WeakMap();
    this.counters = 0;
    this.characters = 0;
    for (const { counters } of configs.values()) {
      for (const counter of counters.values()) counter.collectAll();
    }
    return isEmpty ? undefined : { start, configs: configs.values() };
  }

  private counterOfVarying(outcome: Outcome, value: unknown): Counter | undefined {
    const known = this.#varying.get(outcome);
    const counter = known?.get(value) ?? this.counterOf(outcome, counterFields(outcome, value));
    // Each read creates a new object, so remembering it would be useless.
    if (counter === undefined || typeof value === 'object') return counter;
    if (known === undefined) this.#varying.set(outcome, new Map([[value, counter]]));
    else known.set(value, counter);
    return counter;
  }

  /** Returns the counter of an outcome, creating it if there is room; `undefined` if there is none. */
  private counterOf(outcome: Outcome, fields: string): Counter | undefined {
    const { type, key } = outcome.config;
    const id = `${type} ${key}`;
    const config = this.#configs.get(id);
    if (config === undefined && this.#configs.size >= this.maxConfigs) return undefined;
    const known = config?.counters.get(fields);
    if (known !== undefined) return known;
    const size = fields.length + (config === undefined ? key.length : 0);
    if (this.counters >= this.maxConfigs * COUNTERS_PER_CONFIG) return undefined;
    if (this.characters + size > MAX_COUNTS_CHARACTERS) return undefined;
    if (this.counters === 0) this.start = Date.now();
    this.counters++;
    this.characters += size;
    const counter = new Counter(fields, outcome.reason);
    if (config === undefined) {
      this.#configs.set(id, { key, type, counters: new Map([[fields, counter]]) });
    } else {
      config.counters.set(fields, counter);
    }
    return counter;
  }
}

function counterFields(outcome: Outcome, value: unknown): string {
  const { config, ruleIndex, weightedValueIndex } = outcome;
  return JSON.stringify({
    configId: config.id?.toWellFormed(),
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
    pieces.push(pieces.length === 0 ? '' : ',', summaryJson(config));
  });
  return [`{"summaries":{"start":${start},"end":${end},"summaries":[`, ...pieces, ']}}'];
}

function summaryJson({ key, type, counters }: CountedConfig): string {
  const parts = [...counters.values()].map(counterJson);
  return `{"key":${JSON.stringify(key.toWellFormed())},"type":${JSON.stringify(type)},"counters":[${parts.join()}]}`;
}

function counterJson({ fields, count, reason }: Counter): string {
  return `${fields.slice(0, -1)},"count":${count},"reason":${reason}}`;
}

/** Characters counted per list element in addition to its own, so that a list of empty strings is bounded too. */
const ELEMENT_OVERHEAD = 3;

/** Returns a value keyed by its declared type: JSON in serialized form, and a confidential value as its redaction. */
function selectedValue(outcome: Outcome, value: unknown): Record<string, unknown> {
  const { redaction } = outcome;
  if (redaction !== undefined) return { string: redaction };
  const { valueType } = outcome.config;
  if (valueType === 'json') return { string: jsonWithin(MAX_VALUE_CHARACTERS, value) };
  switch (typeof value) {
    case 'boolean':
      return { bool: value };
    case 'number':
      if (valueType === 'double' || !Number.isInteger(value)) return { double: value };
      return { int: value };
    case 'string':
      return { string: truncate(MAX_VALUE_CHARACTERS, value) };
    default:
      if (!Array.isArray(value)) return { string: jsonWithin(MAX_VALUE_CHARACTERS, value) };
      return { stringList: elementsOf(value) };
  }
}

/** Returns as many elements as fit. */
function elementsOf(list: readonly unknown[]): string[] {
  const elements: string[] = [];
  let left = MAX_LIST_CHARACTERS;
  for (const element of list) {
    const string = truncate(MAX_VALUE_CHARACTERS, String(element));
    left -= string.length + ELEMENT_OVERHEAD;
    if (left < 0) break;
    elements.push(string);
  }
  return elements;
}

/** Returns the beginning of a value's JSON. Serialization stops at the limit, so a large value costs no more. */
function jsonWithin(maxLength: number, value: unknown): string {
  const pieces: string[] = [];
  let left = maxLength;
  const write = (piece: string): void => {
    pieces.push(piece);
    left -= piece.length;
  };
  const writeValue = (each: unknown): void => {
    if (Array.isArray(each)) {
      write('[');
      for (const [index, element] of each.entries()) {
        if (left <= 0) return;
        if (index > 0) write(',');
        writeValue(element);
      }
      write(']');
    } else if (typeof each === 'object' && each !== null) {
      write('{');
      let separator = '';
      for (const name in each) {
        if (left <= 0) return;
        if (!Object.hasOwn(each, name)) continue;
        write(`${separator}${stringJson(name)}:`);
        separator = ',';
        writeValue((each as JsonObject)[name]);
      }
      write('}');
    } else {
      write(typeof each === 'string' ? stringJson(each) : (JSON.stringify(each) ?? 'null'));
    }
  };
  const stringJson = (string: string): string => JSON.stringify(cutText(Math.max(left, 0), string));
  writeValue(value);
  return truncate(maxLength, pieces.join(''));
}
