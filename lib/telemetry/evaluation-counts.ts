import type { Outcome } from '../evaluation/index.js';

/** One thing that reads came to, and how often. */
export interface CountedValue {
  readonly outcome: Outcome;
  readonly value: unknown;
  readonly count: number;
}

/** What was counted in one window. */
export interface ClosedCounts {
  /** When the first of them was read, in ms since the epoch. */
  readonly start: number;
  readonly values: readonly CountedValue[];
}

/** Different values of one config are rarer than configs, but a random one has no end to them. */
const COUNTERS_PER_CONFIG = 10;

/**
 * Counts what reads come to. The count stands in the outcome itself, so that a read costs an increment; an outcome is
 * noted down when it is first read in a window, and stays noted when a newer snapshot takes over.
 */
export class EvaluationCounts {
  /** Outcomes read in this window. */
  private noted: Outcome[] = [];
  /** Counts of what is not the same for every read: values of environment variables. */
  private varying = new Map<Outcome, Map<unknown, number>>();
  /** Outcomes that found no room in this window. */
  private leftOut: Outcome[] = [];
  private configs = new Set<string>();
  private counters = 0;
  private start = 0;

  constructor(private readonly maxConfigs: number) {}

  get isEmpty(): boolean {
    return this.counters === 0;
  }

  /** A read came to an outcome, for the first time in this window or with a value that is not always the same. */
  record(outcome: Outcome, value: unknown): void {
    if (outcome.reads === 1) this.note(outcome);
    if (!outcome.isToldAlike) this.recordVarying(outcome, value);
  }

  /** Closes the window and opens the next. */
  take(): ClosedCounts | undefined {
    const { noted, varying, leftOut, start, isEmpty } = this;
    this.noted = [];
    this.varying = new Map();
    this.leftOut = [];
    this.configs = new Set();
    this.counters = 0;
    const values = noted.map((outcome) => {
      const count = outcome.reads;
      outcome.reads = 0;
      return { outcome, value: outcome.constant, count };
    });
    for (const outcome of leftOut) outcome.reads = 0;
    for (const [outcome, counts] of varying) {
      for (const [value, count] of counts) values.push({ outcome, value, count });
      outcome.reads = 0;
    }
    return isEmpty ? undefined : { start, values };
  }

  private note(outcome: Outcome): void {
    // Log levels are asked for with every message: they are nobody's evaluation. They stay as they are, and silent.
    if (outcome.config.type === 'log_level') return;
    if (!this.hasRoomFor(outcome)) {
      this.leftOut.push(outcome);
      return;
    }
    if (outcome.isToldAlike) {
      this.counters++;
      this.noted.push(outcome);
    } else {
      this.varying.set(outcome, new Map());
    }
  }

  private recordVarying(outcome: Outcome, value: unknown): void {
    const counts = this.varying.get(outcome);
    if (counts === undefined) return;
    const count = counts.get(value);
    if (count === undefined) {
      if (this.counters >= this.maxConfigs * COUNTERS_PER_CONFIG) return;
      this.counters++;
    }
    counts.set(value, (count ?? 0) + 1);
  }

  private hasRoomFor({ config }: Outcome): boolean {
    if (this.counters >= this.maxConfigs * COUNTERS_PER_CONFIG) return false;
    if (this.configs.size === 0) this.start = Date.now();
    const group = `${config.type} ${config.key}`;
    if (this.configs.has(group)) return true;
    if (this.configs.size >= this.maxConfigs) return false;
    this.configs.add(group);
    return true;
  }
}
