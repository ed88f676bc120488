import type { Config } from './config.js';
import { configProblem, type EnvelopeMeta, envelopeProblem } from './envelope.js';

/**
 * A config kept as JSON bytes until it is first read. Buffers live outside the JavaScript heap, so installing thousands of
 * configs causes no long garbage collections, and a config that is never read costs only its bytes.
 */
export class PackedConfig {
  /**
   * @param block has the config, from `start` to `end`, as UTF-8 JSON without surrounding whitespace. It is owned by its configs
   * from now on. Each keeps two numbers instead of a Buffer of its own, which would take more memory
   */
  constructor(
    readonly key: string,
    private readonly block: Buffer,
    private readonly start = 0,
    private readonly end = block.length,
  ) {}

  get byteLength(): number {
    return this.end - this.start;
  }

  /** The config as UTF-8 JSON. Do not modify. */
  get bytes(): Buffer {
    return this.block.subarray(this.start, this.end);
  }

  /** Parses the config; every call returns a new object. */
  unpack(): Config {
    return JSON.parse(this.block.toString('utf8', this.start, this.end)) as Config;
  }

  /** Whether both have the same bytes. Different bytes may still be equal JSON. */
  hasSameBytes(other: PackedConfig): boolean {
    return (
      this === other ||
      (this.byteLength === other.byteLength && other.matchesAt(this.block, this.start))
    );
  }

  /** Whether `bytes` contains this config's complete JSON, starting at `offset`. */
  matchesAt(bytes: Buffer, offset: number): boolean {
    const { block, start, end } = this;
    const to = offset + end - start;
    return to <= bytes.length && bytes.compare(block, start, end, offset, to) === 0;
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
 * @param block has the candidate as UTF-8 JSON, from `start` to `end`. Default: new bytes
 */
export function packConfig(
  candidate: unknown,
  block?: Buffer,
  start?: number,
  end?: number,
): unknown {
  if (configProblem(candidate) !== undefined) return candidate;
  const bytes = block ?? Buffer.from(JSON.stringify(candidate));
  return new PackedConfig((candidate as Config).key, bytes, start, end);
}

export function unpackConfig(config: StoredConfig): Config {
  return config instanceof PackedConfig ? config.unpack() : config;
}
