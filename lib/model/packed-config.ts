import type { Config } from './config.js';
import { configProblem, type EnvelopeMeta } from './envelope.js';

/**
 * A config kept as JSON text, outside of the JavaScript heap, until somebody reads it: a large set comes in without long
 * pauses of the garbage collector, and what nobody reads costs little.
 */
export class PackedConfig {
  /** @param text JSON of the config in UTF-8, with nothing around it. It belongs to the packed config from here on. */
  constructor(
    readonly key: string,
    private readonly text: Buffer,
  ) {}

  get byteLength(): number {
    return this.text.length;
  }

  /** A new object each time. */
  unpack(): Config {
    return JSON.parse(this.text.toString()) as Config;
  }

  hasTextOf(other: PackedConfig): boolean {
    return this === other || this.text.equals(other.text);
  }

  /** Whether these bytes hold the text, all of it, from this place on. */
  isAt(bytes: Buffer, from: number): boolean {
    const to = from + this.text.length;
    return to <= bytes.length && bytes.compare(this.text, 0, this.text.length, from, to) === 0;
  }
}

/** A config of a snapshot, in the form in which it came. */
export type StoredConfig = Config | PackedConfig;

/** An envelope as sources give it: what it holds belongs to the one who receives it. */
export interface LoadedEnvelope {
  readonly configs: readonly StoredConfig[];
  readonly meta: EnvelopeMeta;
}

/**
 * Packs what is a config, and leaves anything else as it is, for the store to tell.
 *
 * @param text the candidate as JSON in UTF-8
 */
export function packConfig(
  candidate: unknown,
  text = (): Buffer => Buffer.from(JSON.stringify(candidate)),
): unknown {
  if (configProblem(candidate) !== undefined) return candidate;
  return new PackedConfig((candidate as Config).key, text());
}

export function unpacked(config: StoredConfig): Config {
  return config instanceof PackedConfig ? config.unpack() : config;
}
