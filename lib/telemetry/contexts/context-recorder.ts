import { MAX_IDENTITY_CHARACTERS, MAX_JOINED_IDENTITY_CHARACTERS } from '../bounds.js';
import {
  type ContextProperties,
  type Contexts,
  type ContextTier,
  LOGGING_CONTEXT,
} from '../../model/index.js';
import type { ContextShapes } from './context-shapes.js';
import type { ExampleContexts } from './example-contexts.js';
import type { NamedContext } from './example-json.js';
import { eachContext, isContext } from './merged-contexts.js';
import { type Redact, RedactedContexts } from './redacted-contexts.js';
import { createHash } from 'node:crypto';
import { textWithin } from '../bounded-text.js';
import { scalarOf } from './example-json.js';

export interface ContextRecorderOptions {
  readonly shapes: ContextShapes;
  /** Absent when only shapes are wanted. */
  readonly examples: ExampleContexts | undefined;
  readonly redact: Redact | undefined;
  /** Hears that the application's function threw, or gave what is no context. */
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
  private readonly shapes: ContextShapes;
  private readonly examples: ExampleContexts | undefined;
  private readonly redacted: RedactedContexts | undefined;
  /** Contexts that need not be looked at again, and the tiers that stood behind them. */
  private seen = new WeakMap<object, ContextTier | typeof NO_TIER>();
  private looks = 0;
  /** Of the contexts being looked at. */
  private identities: string[] = [];
  private recording = false;

  constructor(options: ContextRecorderOptions) {
    const { shapes, examples, redact } = options;
    this.shapes = shapes;
    this.examples = examples;
    if (redact !== undefined) {
      this.redacted = new RedactedContexts(redact, () => options.redactFailed());
    }
  }

  /** Whether contexts are being looked at: what the application's own code reads meanwhile is not. */
  get isRecording(): boolean {
    return this.recording;
  }

  /** Whether these contexts need not be looked at again. */
  remembers(call: Contexts | undefined, base: ContextTier | undefined): boolean {
    const subject = call ?? base;
    return subject === undefined || this.seen.get(subject) === (base ?? NO_TIER);
  }

  record(call: Contexts | undefined, base: ContextTier | undefined): void {
    const subject: unknown = call ?? base;
    if (typeof subject !== 'object' || subject === null) return;
    const { redacted } = this;
    this.recording = true;
    try {
      if (redacted !== undefined) this.look(redacted.of(call, base), undefined);
      else if (base !== undefined || !this.knows(call!)) this.look(call, base);
    } catch {
      // A proxy that answers once and then throws: nothing of it is an example.
    } finally {
      this.recording = false;
    }
    if (redacted !== undefined || ++this.looks % REMEMBERED_ONE_OF === 0) {
      this.seen.set(subject, base ?? NO_TIER);
    }
  }

  /** Opens the next window. */
  begin(): void {
    this.seen = new WeakMap();
    this.redacted?.begin();
  }

  /** The shortest way for the most common read, which is passed one context: notes it, if it is of somebody known. */
  private knows(call: Contexts): boolean {
    const { shapes, examples } = this;
    let only: string | undefined;
    let properties: unknown;
    try {
      for (const name in call) {
        // In the loop the engine knows the way to what it has just named.
        if (only !== undefined || !Object.prototype.hasOwnProperty.call(call, name)) return false;
        only = name;
        properties = call[name];
      }
      if (only === undefined || !isContext(properties)) return false;
      shapes.record(only, properties);
      if (examples === undefined) return true;
      // Of a known one it makes no difference whether the key is its own, unless it has another identity beside it.
      const key = properties['key'];
      if (typeof key === 'string' && properties['trackingId'] === undefined) {
        if (examples.isKnown(key)) return true;
      }
      return identityOf(only, properties) === '';
    } catch {
      // A getter or proxy threw: what else there is is looked at one by one.
      return false;
    }
  }

  private look(call: Contexts | undefined, base: ContextTier | undefined): void {
    const { examples } = this;
    this.identities = [];
    eachContext(call, base, this.note);
    const identity = joinedIdentity(this.identities);
    if (examples === undefined || identity === '' || examples.isKnown(identity)) return;
    const contexts: NamedContext[] = [];
    eachContext(call, base, (name, properties) => void contexts.push({ name, properties }));
    examples.record(identity, contexts);
  }

  private readonly note = (name: string, properties: ContextProperties): void => {
    this.shapes.record(name, properties);
    if (this.examples === undefined) return;
    const identity = identityOf(name, properties);
    if (identity !== '') this.identities.push(identity);
  };
}

/** What tells whose context it is: its `key`, else its `trackingId`; empty when it has neither. */
function identityOf(name: string, properties: ContextProperties): string {
  // A user seen by many loggers is one user.
  if (name === LOGGING_CONTEXT) return '';
  // The names stand here as constants: so the engine knows the way to them.
  const key = properties['key'];
  if (key !== undefined && Object.prototype.hasOwnProperty.call(properties, 'key')) {
    const text = identityText(key);
    if (text !== '') return text;
  }
  const trackingId = properties['trackingId'];
  return trackingId !== undefined && Object.hasOwn(properties, 'trackingId')
    ? identityText(trackingId)
    : '';
}

/** The identity of contexts that are seen together. */
function joinedIdentity(identities: string[]): string {
  const joined = identities.sort().join('|');
  if (joined.length <= MAX_JOINED_IDENTITY_CHARACTERS) return joined;
  return createHash('sha256').update(joined).digest('base64url');
}

/** As it stands in an example. */
function identityText(value: unknown): string {
  if (typeof value === 'string') return textWithin(MAX_IDENTITY_CHARACTERS, value);
  return textWithin(MAX_IDENTITY_CHARACTERS, String(scalarOf(value) ?? ''));
}
