import type { Config } from './config.js';
import type { EnvelopeMeta } from './envelope.js';

/**
 * A config kept as JSON text, outside of the JavaScript heap, until somebody reads it: a large set comes in without long
 * pauses of the garbage collector, and what nobody reads costs little.
 */
export class PackedConfig {
  readonly key: string;
  private readonly text: Buffer;

  /** Throws when the config is not JSON through and through. */
  constructor(config: Config) {
    this.key = config.key;
    this.text = Buffer.from(JSON.stringify(config));
    refuseCode(config);
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

export function unpacked(config: StoredConfig): Config {
  return config instanceof PackedConfig ? config.unpack() : config;
}

/** `JSON.stringify` leaves these out without a word. Called after it, so that the value is known to have no circle. */
function refuseCode(value: object): void {
  const pending: object[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const part of Object.values(next) as unknown[]) {
      if (typeof part === 'function' || typeof part === 'symbol') throw new TypeError('not JSON');
      if (typeof part === 'object' && part !== null) pending.push(part);
    }
  }
}
