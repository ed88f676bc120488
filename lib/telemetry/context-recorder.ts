import type { ContextProperties, Contexts, ContextTier } from '../model/index.js';
import type { ContextShapes } from './context-shapes.js';
import { type ExampleContexts, identityOf, type NamedContext } from './example-contexts.js';
import { eachContext, isContext } from './merged-contexts.js';

/** Gives what may be kept of a context; `undefined` leaves it out. */
export type Redact = (
  contextName: string,
  properties: ContextProperties,
) => ContextProperties | undefined;

export interface ContextRecorderOptions {
  readonly shapes: ContextShapes;
  /** Absent when only shapes are wanted. */
  readonly examples: ExampleContexts | undefined;
  readonly redact: Redact | undefined;
  /** Hears that the application's function threw. */
  redactFailed(): void;
}

/**
 * To remember an object costs more than to look at it, and most contexts live for one request: one of so many is
 * remembered. Contexts that live longer are remembered before long. The number is a prime, so that no rhythm escapes it.
 */
const REMEMBERED_ONE_OF = 127;
const NO_TIER = Symbol('no tier');

/** Looks at the contexts of reads; at those it remembers not again until the next window. */
export class ContextRecorder {
  /** Contexts that need not be looked at again, and the tiers that stood behind them. */
  private seen = new WeakMap<object, ContextTier | typeof NO_TIER>();
  private looks = 0;
  /** Of the contexts being looked at. */
  private identities: string[] = [];

  constructor(private readonly options: ContextRecorderOptions) {}

  /** Whether these contexts need not be looked at again. */
  remembers(call: Contexts | undefined, base: ContextTier | undefined): boolean {
    const subject = call ?? base;
    return subject === undefined || this.seen.get(subject) === (base ?? NO_TIER);
  }

  record(call: Contexts | undefined, base: ContextTier | undefined): void {
    const subject: unknown = call ?? base;
    if (typeof subject !== 'object' || subject === null) return;
    try {
      if (this.options.redact === undefined) this.look(call, base);
      else this.look(this.redacted(call, base, this.options.redact), undefined);
    } catch {
      // A proxy that answers once and then throws: nothing of it is an example.
    }
    if (++this.looks % REMEMBERED_ONE_OF === 0) this.seen.set(subject, base ?? NO_TIER);
  }

  /** Opens the next window. */
  begin(): void {
    this.seen = new WeakMap();
  }

  private look(call: Contexts | undefined, base: ContextTier | undefined): void {
    const { examples } = this.options;
    const identity = this.noteAll(call, base);
    if (examples === undefined || identity === '' || examples.isKnown(identity)) return;
    const contexts: NamedContext[] = [];
    eachContext(call, base, (name, properties) => void contexts.push({ name, properties }));
    examples.record(identity, contexts);
  }

  /** Notes all contexts, and gives the identity of them together. */
  private noteAll(call: Contexts | undefined, base: ContextTier | undefined): string {
    if (base === undefined) {
      try {
        const identity = this.noteOne(call!);
        if (identity !== undefined) return identity;
      } catch {
        // A getter or proxy threw: what else there is is looked at one by one.
      }
    }
    this.identities = [];
    eachContext(call, base, this.note);
    return this.identities.sort().join('|');
  }

  /** The shortest way for the most common read, which is passed one context; `undefined` for any other. */
  private noteOne(call: Contexts): string | undefined {
    let only: string | undefined;
    for (const name in call) {
      if (only !== undefined) return undefined;
      only = name;
    }
    if (only === undefined || !Object.prototype.hasOwnProperty.call(call, only)) return undefined;
    const properties = call[only];
    if (!isContext(properties)) return undefined;
    const { shapes, examples } = this.options;
    shapes.record(only, properties);
    return examples === undefined ? '' : identityOf(properties);
  }

  private readonly note = (name: string, properties: ContextProperties): void => {
    const { shapes, examples } = this.options;
    shapes.record(name, properties);
    if (examples === undefined) return;
    const identity = identityOf(properties);
    if (identity !== '') this.identities.push(identity);
  };

  /** What the application leaves of the contexts. It is given copies, and what it throws leaves a context out. */
  private redacted(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    redact: Redact,
  ): Contexts {
    const kept = Object.create(null) as Contexts;
    eachContext(call, base, (name, properties) => {
      const copy = { ...properties };
      try {
        const left = redact(name, copy);
        if (left !== undefined) kept[name] = left;
      } catch {
        this.options.redactFailed();
      }
    });
    return kept;
  }
}
