import type { Config } from './config.js';
import { configProblem, type EnvelopeMeta, envelopeProblem } from './envelope.js';

/**
 * A config kept as JSON bytes until it is first read. Buffers live outside the JavaScript heap, so installing thousands of
 * configs causes no long garbage collections, and a config that is never read costs only its bytes.
 */
export class PackedConfig {
  /** @param json the config as UTF-8 JSON without surrounding whitespace; owned by this object from now on */
  constructor(
    readonly key: string,
    private readonly json: Buffer,
  ) {}

  get byteLength(): number {
    return this.json.length;
  }

  /** The config as UTF-8 JSON. Do not modify. */
  get bytes(): Buffer {
    return this.json;
  }

  /** Parses the config; every call returns a new object. */
  unpack(): Config {
    return JSON.parse(this.json.toString()) as Config;
  }

  /** Whether both have the same bytes. Different bytes may still be equal JSON. */
  hasSameBytes(other: PackedConfig): boolean {
    return this === other || this.json.equals(other.json);
  }

  /** Whether `bytes` contains this config's complete JSON, starting at `offset`. */
  matchesAt(bytes: Buffer, offset: number): boolean {
    const end = offset + this.json.length;
    return end <= bytes.length && bytes.compare(this.json, 0, this.json.length, offset, end) === 0;
  }
}

/** A config of a snapshot, parsed or packed, as its source delivered it. */
export type StoredConfig = Config | PackedConfig;

declare const checked: unique symbol;

/**
 * An envelope as sources return it. The source has checked its outline; the receiver owns its content.
 * {@link checkEnvelope} creates one from parsed JSON, {@link loadedEnvelope} from parts that are already valid.
 */
export interface LoadedEnvelope {
  readonly [checked]: true;
  readonly configs: readonly StoredConfig[];
  readonly meta: EnvelopeMeta;
}

export function loadedEnvelope(
  configs: readonly StoredConfig[],
  meta: EnvelopeMeta,
): LoadedEnvelope {
  return { configs, meta } as LoadedEnvelope;
}

/**
 * Checks the outline of parsed JSON. The configs are checked one by one later, so that one bad config is left out alone.
 *
 * @param fail creates the error to throw from a description of the problem
 */
export function checkEnvelope(
  candidate: unknown,
  fail: (problem: string) => Error,
): LoadedEnvelope {
  const problem = envelopeProblem(candidate);
  if (problem !== undefined) throw fail(problem);
  return candidate as LoadedEnvelope;
}

/**
 * Packs a valid config. Anything else is returned unchanged, so that the store can report it.
 *
 * @param json returns the candidate as UTF-8 JSON; called only for a valid config
 */
export function packConfig(
  candidate: unknown,
  json = (): Buffer => Buffer.from(JSON.stringify(candidate)),
): unknown {
  if (configProblem(candidate) !== undefined) return candidate;
  return new PackedConfig((candidate as Config).key, json());
}

export function unpackConfig(config: StoredConfig): Config {
  return config instanceof PackedConfig ? config.unpack() : config;
}
