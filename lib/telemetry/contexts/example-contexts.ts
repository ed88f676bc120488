import { MAX_IDENTITIES, MAX_EXAMPLE_CHARACTERS, MAX_EXAMPLES_CHARACTERS } from '../bounds.js';
import { setImmediate } from 'node:timers/promises';
import { copied } from '../bounded-text.js';
import { contextsJson, type NamedContext } from './example-json.js';

/** An identity gives one example in this time. */
const ONCE_IN_MS = 3_600_000;
const END = ']}}';
/** How many identities are forgotten before the event loop turns. */
const FORGOTTEN_AT_ONCE = 2_000;

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
      this.length > MAX_EXAMPLES_CHARACTERS - MAX_EXAMPLE_CHARACTERS ||
      this.identities.size >= MAX_IDENTITIES
    );
  }

  /** Takes down an example. When nothing can be said of the contexts, the identity goes on without one. */
  record(identity: string, contexts: readonly NamedContext[]): void {
    const timestamp = Date.now();
    const start = `{"timestamp":${timestamp},"contextSet":{"contexts":[`;
    const texts = contextsJson(contexts, MAX_EXAMPLE_CHARACTERS - start.length - END.length);
    if (texts === undefined) return;
    const example = start + texts + END;
    this.identities.set(copied(identity), timestamp);
    this.length += example.length;
    this.examples.push(example);
  }

  /** Closes the window and opens the next. */
  take(): readonly string[] {
    const { examples } = this;
    this.examples = [];
    this.length = 0;
    return examples;
  }

  /** Forgets the identities whose time is over, or has not come: the clock was set back. */
  async forgetExpired(): Promise<void> {
    const now = Date.now();
    let count = 0;
    for (const [identity, at] of this.identities) {
      if (at > now - ONCE_IN_MS && at <= now) return;
      this.identities.delete(identity);
      if (++count % FORGOTTEN_AT_ONCE === 0) await setImmediate();
    }
  }
}
