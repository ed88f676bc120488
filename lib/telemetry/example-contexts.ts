import { setImmediate } from 'node:timers/promises';
import type { ContextProperties } from '../model/index.js';
import { copied, textWithin } from './bounded-text.js';
import { contextJson } from './example-json.js';

/** An identity gives one example in this time. */
const ONCE_IN_MS = 3_600_000;
/** How many identities are remembered. Further ones give no example until one of these is forgotten. */
const MAX_IDENTITIES = 100_000;
const MAX_IDENTITY = 256;
/** What one example, and all of one window, may hold at most, in characters. */
const MAX_EXAMPLE = 16_384;
const MAX_WINDOW = 8 * 1_024 * 1_024;
/** How many identities are forgotten before the event loop turns. */
const FORGOTTEN_AT_ONCE = 2_000;

/** A context that is part of an example. */
export interface NamedContext {
  readonly name: string;
  readonly properties: ContextProperties;
}

/** An example of the contexts of each identity. Each is JSON text from the start: a copy, and nothing is left to do later. */
export class ExampleContexts {
  /** Identities that have given an example, and when, oldest first. */
  private readonly identities = new Map<string, number>();
  private examples: string[] = [];
  private length = 0;

  constructor(private readonly maxExamples: number) {}

  get isEmpty(): boolean {
    return this.examples.length === 0;
  }

  /** Whether an identity has given its example, or could not give one now. */
  isKnown(identity: string): boolean {
    return (
      this.identities.has(identity) ||
      this.examples.length >= this.maxExamples ||
      this.length >= MAX_WINDOW ||
      this.identities.size >= MAX_IDENTITIES
    );
  }

  record(identity: string, contexts: readonly NamedContext[]): void {
    const timestamp = Date.now();
    this.identities.set(copied(identity), timestamp);
    const texts: string[] = [];
    let length = 0;
    for (const { name, properties } of contexts) {
      const text = contextJson(name, properties);
      if (length + text.length > MAX_EXAMPLE) continue;
      length += text.length;
      texts.push(text);
    }
    if (texts.length === 0) return;
    this.length += length;
    this.examples.push(`{"timestamp":${timestamp},"contextSet":{"contexts":[${texts.join(',')}]}}`);
  }

  /** Closes the window and opens the next. */
  take(): readonly string[] {
    const { examples } = this;
    this.examples = [];
    this.length = 0;
    return examples;
  }

  /** Forgets the identities whose time is over. */
  async forgetExpired(): Promise<void> {
    const expired = Date.now() - ONCE_IN_MS;
    let count = 0;
    for (const [identity, at] of this.identities) {
      if (at > expired) return;
      this.identities.delete(identity);
      if (++count % FORGOTTEN_AT_ONCE === 0) await setImmediate();
    }
  }
}

/** What tells whose context it is: its `key`, else its `trackingId`; empty when it has neither. */
export function identityOf(properties: ContextProperties): string {
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

function identityText(value: unknown): string {
  if (typeof value === 'string') return textWithin(MAX_IDENTITY, value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
