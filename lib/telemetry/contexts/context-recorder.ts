import { MAX_IDENTITY_CHARACTERS, MAX_JOINED_IDENTITY_CHARACTERS, truncate } from '../bounds.js';
import {
  type Contexts,
  type ContextTier,
  isOrdinary,
  LOGGING_CONTEXT,
  propertiesOf,
  type PropertyRecord,
} from '../../model/index.js';
import type { ContextShapes } from './context-shapes.js';
import { type ExampleContexts, type NamedContext, scalarOf } from './example-contexts.js';
import { eachContext, isContext, type RedactContext, RedactedContexts } from './merged-contexts.js';
import { createHash } from 'node:crypto';

export interface ContextRecorderOptions {
  readonly shapes: ContextShapes;
  /** Absent if only shapes are recorded. */
  readonly examples: ExampleContexts | undefined;
  readonly redact: RedactContext | undefined;
  /** Called when `redactContext` threw, or returned something that is not a context. */
  redactFailed(): void;
}

/**
 * Remembering an object costs more than recording it, and most contexts live for one request. So only one in 127 is
 * remembered; contexts that live longer are soon among them. A prime avoids aliasing with periodic calls.
 */
const REMEMBER_ONE_IN = 127;
const NO_TIER = Symbol('no tier');

/** Records the contexts of reads. Skips remembered ones until the next window. */
export class ContextRecorder {
  private readonly shapes: ContextShapes;
  private readonly examples: ExampleContexts | undefined;
  private readonly redacted: RedactedContexts | undefined;
  /** Contexts that are already recorded, with the tiers they were recorded with. */
  private remembered = new WeakMap<object, ContextTier | typeof NO_TIER>();
  private recordCount = 0;
  /** The identities of the contexts being recorded. */
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

  /** Whether contexts are being recorded now. Reads made meanwhile, by getters or `redactContext`, are not recorded. */
  get isRecording(): boolean {
    return this.recording;
  }

  /** Whether these contexts are already recorded in this window. */
  remembers(call: Contexts | undefined, base: ContextTier | undefined): boolean {
    const subject = call ?? base;
    return subject === undefined || this.remembered.get(subject) === (base ?? NO_TIER);
  }

  record(call: Contexts | undefined, base: ContextTier | undefined): void {
    const subject: unknown = call ?? base;
    if (typeof subject !== 'object' || subject === null) return;
    const { redacted } = this;
    this.recording = true;
    try {
      if (redacted !== undefined) this.recordMerged(redacted.contextsOf(call, base), undefined);
      else if (base !== undefined || !this.recordKnown(call!)) this.recordMerged(call, base);
    } catch {
      // A proxy that threw on a later access: it becomes no example.
    } finally {
      this.recording = false;
    }
    if (redacted !== undefined || ++this.recordCount % REMEMBER_ONE_IN === 0) {
      this.remembered.set(subject, base ?? NO_TIER);
    }
  }

  /** Starts the next window. */
  startWindow(): void {
    this.remembered = new WeakMap();
    this.redacted?.startWindow();
  }

  /**
   * Records a call with a single context of a known identity: the fast path for the most common read.
   *
   * @returns whether nothing is left to record
   */
  private recordKnown(call: Contexts): boolean {
    const { shapes, examples } = this;
    let only: string | undefined;
    let context: unknown;
    try {
      for (const name in call) {
        // Checked inside the loop, where the engine has the property's location cached.
        if (only !== undefined || !Object.prototype.hasOwnProperty.call(call, name)) return false;
        only = name;
        context = call[name];
      }
      if (only === undefined) return false;
      const properties = isOrdinary(context) ? context : otherProperties(context, only);
      if (properties === undefined) return false;
      shapes.record(only, properties);
      if (examples === undefined) return true;
      // For a known identity it does not matter whether the key is an own property, unless there is a trackingId too.
      const key = properties['key'];
      if (typeof key === 'string' && properties['trackingId'] === undefined) {
        if (examples.isKnown(key)) return true;
      }
      return identityOf(only, properties) === '';
    } catch {
      // A getter or proxy threw: the slow path records whatever else is readable.
      return false;
    }
  }

  private recordMerged(call: Contexts | undefined, base: ContextTier | undefined): void {
    const { examples } = this;
    this.identities = [];
    eachContext(call, base, this.recordContext);
    const identity = joinedIdentity(this.identities);
    if (examples === undefined || identity === '' || examples.isKnown(identity)) return;
    const contexts: NamedContext[] = [];
    eachContext(call, base, (name, properties) => void contexts.push({ name, properties }));
    examples.record(identity, contexts);
  }

  private readonly recordContext = (name: string, properties: PropertyRecord): void => {
    this.shapes.record(name, properties);
    if (this.examples === undefined) return;
    const identity = identityOf(name, properties);
    if (identity !== '') this.identities.push(identity);
  };
}

function otherProperties(context: unknown, name: string): PropertyRecord | undefined {
  return isContext(context) ? propertiesOf(context, name) : undefined;
}

/** Returns what identifies the owner of a context: its `key`, else its `trackingId`, else an empty string. */
function identityOf(name: string, properties: PropertyRecord): string {
  // A user with many loggers is one user.
  if (name === LOGGING_CONTEXT) return '';
  // Constant property names let the engine cache the property's location.
  const key = properties['key'];
  if (key !== undefined && Object.prototype.hasOwnProperty.call(properties, 'key')) {
    const identity = identityString(key);
    if (identity !== '') return identity;
  }
  const trackingId = properties['trackingId'];
  return trackingId !== undefined && Object.hasOwn(properties, 'trackingId')
    ? identityString(trackingId)
    : '';
}

/** Returns the identity of the contexts of one read together. */
function joinedIdentity(identities: string[]): string {
  const joined = identities.sort().join('|');
  if (joined.length <= MAX_JOINED_IDENTITY_CHARACTERS) return joined;
  return createHash('sha256').update(joined).digest('base64url');
}

/** Returns a value in the form that examples use. */
function identityString(value: unknown): string {
  if (typeof value === 'string') return truncate(MAX_IDENTITY_CHARACTERS, value);
  return truncate(MAX_IDENTITY_CHARACTERS, String(scalarOf(value) ?? ''));
}
