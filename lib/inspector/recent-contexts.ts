import type { NamedContexts, QuonfigRead } from '../index.js';
import type { RecentContextsOptions } from './inspector-options.js';

/** Contexts of a recent read, as they may be shown. */
export interface RecentContext {
  readonly contexts: NamedContexts;
  /** When they were last read with. */
  readonly lastSeen: string;
  /** How many of the sampled reads had them. */
  readonly reads: number;
}

const DEFAULT_MAX = 50;
/** Larger contexts are not kept. */
const MAX_LENGTH = 8_000;
/** How many reads are looked at per second: computing contexts costs more than the read itself. */
const MAX_PER_SECOND = 100;

/** Keeps the contexts of recent reads, each once. */
export class RecentContexts {
  private readonly known = new Map<string, RecentContext>();
  private second = 0;
  private inSecond = 0;
  private readonly max: number;

  constructor(private readonly options: RecentContextsOptions) {
    this.max = options.max ?? DEFAULT_MAX;
  }

  /** The newest first. */
  get list(): RecentContext[] {
    return [...this.known.values()].toReversed();
  }

  add(read: QuonfigRead): void {
    const now = Date.now();
    const second = Math.floor(now / 1000);
    if (second !== this.second) [this.second, this.inSecond] = [second, 0];
    if (++this.inSecond > MAX_PER_SECOND) return;
    const text = this.shownText(read);
    if (text === undefined) return;
    const { reads = 0 } = this.known.get(text) ?? {};
    this.known.delete(text);
    this.known.set(text, {
      contexts: JSON.parse(text) as NamedContexts,
      lastSeen: new Date(now).toISOString(),
      reads: reads + 1,
    });
    if (this.known.size > this.max) this.known.delete(this.known.keys().next().value!);
  }

  private shownText({ contexts }: QuonfigRead): string | undefined {
    const { redact } = this.options;
    try {
      const shown = redact === undefined ? contexts : redact(structuredClone(contexts));
      const text = JSON.stringify(shown);
      return text === undefined || text === '{}' || text.length > MAX_LENGTH ? undefined : text;
    } catch {
      // What cannot be redacted must not be shown.
      return undefined;
    }
  }
}
