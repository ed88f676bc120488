import type { Config } from './config.js';
import { configProblem, type EnvelopeMeta } from './envelope.js';

/**
 * A config kept as JSON text, outside of the JavaScript heap, until somebody reads it: a large set comes in without long
 * pauses of the garbage collector, and what nobody reads costs little.
 */
export class PackedConfig {
  readonly key: string;
  private readonly text: Buffer;

  constructor(config: Config) {
    this.key = config.key;
    this.text = Buffer.from(JSON.stringify(config));
  }

  /** A new object each time. */
  unpack(): Config {
    return JSON.parse(this.text.toString()) as Config;
  }

  hasTextOf(other: PackedConfig): boolean {
    return this.text.equals(other.text);
  }
}

/** A config of a snapshot, in the form in which it came. */
export type StoredConfig = Config | PackedConfig;

/** An envelope as sources give it: what it holds belongs to the one who receives it. */
export interface LoadedEnvelope {
  readonly configs: readonly StoredConfig[];
  readonly meta: EnvelopeMeta;
}

/** Packs what is a config, and leaves anything else as it is, for the store to tell. */
export function packConfig(candidate: unknown): unknown {
  return configProblem(candidate) === undefined ? new PackedConfig(candidate as Config) : candidate;
}

export function unpacked(config: StoredConfig): Config {
  return config instanceof PackedConfig ? config.unpack() : config;
}
