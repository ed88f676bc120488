import {
  compactCopy,
  MAX_ELEMENTS,
  MAX_EXAMPLE_CHARACTERS,
  MAX_EXAMPLE_PROPERTIES,
  MAX_EXAMPLE_VALUE_CHARACTERS,
  MAX_EXAMPLES_CHARACTERS,
  MAX_IDENTITIES,
  MAX_NAME_CHARACTERS,
  MAX_PROPERTIES,
  truncate,
} from '../bounds.js';
import { setImmediate } from 'node:timers/promises';
import type { PropertyRecord } from '../../model/index.js';

/** Each identity contributes one example per hour. */
const EXAMPLE_INTERVAL_MS = 3_600_000;
const END = ']}}';
/** How many identities are forgotten between two turns of the event loop. */
const FORGET_BATCH = 2_000;

/**
 * One example of the contexts of each identity. Contexts are serialized when they are recorded, so later changes by the
 * application have no effect and sending costs no further work.
 */
export class ExampleContexts {
  /** Identities with an example, and the time of that example, oldest first. */
  private readonly identities = new Map<string, number>();
  private examples: string[] = [];
  private length = 0;

  constructor(private readonly maxExamples: number) {}

  get isEmpty(): boolean {
    return this.examples.length === 0;
  }

  /** Whether an identity has an example already, or there is no room for another one. */
  isKnown(identity: string): boolean {
    return (
      this.identities.has(identity) ||
      this.examples.length >= this.maxExamples ||
      this.length > MAX_EXAMPLES_CHARACTERS - MAX_EXAMPLE_CHARACTERS ||
      this.identities.size >= MAX_IDENTITIES
    );
  }

  /** Records an example. If no property has a JSON form, there is none, and the identity may still contribute later. */
  record(identity: string, contexts: readonly NamedContext[]): void {
    const timestamp = Date.now();
    const start = `{"timestamp":${timestamp},"contextSet":{"contexts":[`;
    const json = contextsJson(contexts, MAX_EXAMPLE_CHARACTERS - start.length - END.length);
    if (json === undefined) return;
    const example = start + json + END;
    this.identities.set(compactCopy(identity), timestamp);
    this.length += example.length;
    this.examples.push(example);
  }

  /** Closes the window and starts the next. */
  take(): readonly string[] {
    const { examples } = this;
    this.examples = [];
    this.length = 0;
    return examples;
  }

  /** Forgets identities whose interval has passed, or whose time is in the future because the clock was set back. */
  async forgetExpired(): Promise<void> {
    const now = Date.now();
    let count = 0;
    for (const [identity, at] of this.identities) {
      if (at > now - EXAMPLE_INTERVAL_MS && at <= now) return;
      this.identities.delete(identity);
      if (++count % FORGET_BATCH === 0) await setImmediate();
    }
  }
}

/** A context that is part of an example. */
export interface NamedContext {
  readonly name: string;
  readonly properties: PropertyRecord;
}

/**
 * Serializes contexts as JSON without enclosing brackets, bounded in every dimension. The identifying properties of all
 * contexts come first, then the other properties in order, as far as they fit. Values without a JSON form are left out;
 * returns `undefined` if no value is left.
 */
function contextsJson(contexts: readonly NamedContext[], maxLength: number): string | undefined {
  const budget = new CharacterBudget(maxLength);
  const writers: ContextWriter[] = [];
  for (const context of contexts) {
    const writer = new ContextWriter(context, budget);
    if (!writer.writeIdentity()) break;
    writers.push(writer);
  }
  for (const writer of writers) writer.writeOthers();
  return writers.some((writer) => !writer.isEmpty) ? writers.join() : undefined;
}

/** The characters left for an example. The first thing that does not fit uses up the budget, so nothing follows it. */
class CharacterBudget {
  constructor(private left: number) {}

  get isSpent(): boolean {
    return this.left <= 0;
  }

  spend(length: number): boolean {
    const fits = length <= this.left;
    this.left = fits ? this.left - length : 0;
    return fits;
  }
}

/** Serializes one context. A property whose getter or proxy throws counts as absent. */
class ContextWriter {
  private readonly start: string;
  /** Values by names, both as JSON. */
  private readonly values = new Map<string, string>();

  constructor(
    private readonly context: NamedContext,
    private readonly budget: CharacterBudget,
  ) {
    this.start = `{"type":${JSON.stringify(truncate(MAX_NAME_CHARACTERS, context.name))},"values":{`;
  }

  get isEmpty(): boolean {
    return this.values.size === 0;
  }

  /** Writes the identifying properties; returns whether the context fits at all. */
  writeIdentity(): boolean {
    if (!this.budget.spend(this.start.length + '}},'.length)) return false;
    this.write('key');
    this.write('trackingId');
    return true;
  }

  writeOthers(): void {
    let visited = 0;
    try {
      for (const property in this.context.properties) {
        if (
          this.budget.isSpent ||
          this.values.size >= MAX_EXAMPLE_PROPERTIES ||
          ++visited > MAX_PROPERTIES
        )
          return;
        if (property !== 'key' && property !== 'trackingId') this.write(property);
      }
    } catch {
      // A proxy that does not list its properties.
    }
  }

  toString(): string {
    const values = [...this.values].map(([name, value]) => `${name}:${value}`);
    return `${this.start}${values.join()}}}`;
  }

  private write(property: string): void {
    const { properties } = this.context;
    try {
      if (!Object.prototype.hasOwnProperty.call(properties, property)) return;
      const name = JSON.stringify(truncate(MAX_NAME_CHARACTERS, property));
      const value = this.valueJson(properties[property], name.length + ':,'.length);
      if (value !== undefined) this.values.set(name, value);
    } catch {
      // A getter or proxy threw: the property counts as absent.
    }
  }

  /** @param overhead characters written in addition to the value */
  private valueJson(value: unknown, overhead: number): string | undefined {
    if (Array.isArray(value)) {
      return this.budget.spend(overhead + '[]'.length) ? this.listJson(value) : undefined;
    }
    const scalar = scalarOf(value);
    if (scalar === undefined) return undefined;
    const json = JSON.stringify(scalar);
    return this.budget.spend(overhead + json.length) ? json : undefined;
  }

  /** Serializes as many elements as fit. */
  private listJson(list: readonly unknown[]): string {
    const parts: string[] = [];
    const length = Math.min(list.length, MAX_ELEMENTS);
    for (let index = 0; index < length; index++) {
      const json = JSON.stringify(scalarOf(list[index]) ?? null);
      if (!this.budget.spend(json.length + 1)) break;
      parts.push(json);
    }
    return `[${parts.join()}]`;
  }
}

/**
 * Returns the form of a value in examples; `undefined` if it has none. Objects have none, because their size is unknown
 * until they have been traversed.
 */
export function scalarOf(value: unknown): string | number | boolean | null | undefined {
  switch (typeof value) {
    case 'string':
      return truncate(MAX_EXAMPLE_VALUE_CHARACTERS, value);
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return value;
    case 'bigint':
      // The string grows with the number; no meaningful number is larger than this.
      return BigInt.asIntN(1_024, value) === value ? value.toString() : undefined;
    default:
      if (value === null) return null;
      return value instanceof Date ? isoDate(value) : undefined;
  }
}

function isoDate(date: Date): string | undefined {
  const time = date.getTime();
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
