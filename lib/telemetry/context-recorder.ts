import type { ContextProperties, Contexts, ContextTier } from '../model/index.js';
import type { ContextShapes } from './context-shapes.js';
import { type ExampleContexts, identityOf, type NamedContext } from './example-contexts.js';
import { eachContext } from './merged-contexts.js';

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
const REMEMBERED_ONE_OF = 17;
const NO_TIER = Symbol('no tier');

/** Looks at the contexts of reads; at those it remembers not again until the next window. */
export class ContextRecorder {
  private lastCall: Contexts | undefined;
  private lastBase: ContextTier | undefined;
  /** Contexts that need not be looked at again, and the tiers that stood behind them. */
  private seen = new WeakMap<object, ContextTier | typeof NO_TIER>();
  private looks = 0;
  private readonly identities: string[] = [];

  constructor(private readonly options: ContextRecorderOptions) {}

  record(call: Contexts | undefined, base: ContextTier | undefined): void {
    if (call !== this.lastCall || base !== this.lastBase) this.lookOnce(call, base);
  }

  /** Opens the next window. */
  begin(): void {
    this.lastCall = undefined;
    this.lastBase = undefined;
    this.seen = new WeakMap();
  }

  private lookOnce(call: Contexts | undefined, base: ContextTier | undefined): void {
    this.lastCall = call;
    this.lastBase = base;
    const subject: unknown = call ?? base;
    if (typeof subject !== 'object' || subject === null) return;
    const behind = base ?? NO_TIER;
    if (this.seen.get(subject) === behind) return;
    if (this.options.redact === undefined) this.look(call, base);
    else this.look(this.redacted(call, base, this.options.redact), undefined);
    if (++this.looks % REMEMBERED_ONE_OF === 0) this.seen.set(subject, behind);
  }

  private look(call: Contexts | undefined, base: ContextTier | undefined): void {
    const { identities, options } = this;
    const { examples } = options;
    eachContext(call, base, this.note);
    if (examples === undefined || identities.length === 0) return;
    const identity = identities.length === 1 ? identities[0]! : identities.sort().join('|');
    identities.length = 0;
    if (examples.isKnown(identity)) return;
    const contexts: NamedContext[] = [];
    eachContext(call, base, (name, properties) => void contexts.push({ name, properties }));
    examples.record(identity, contexts);
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
