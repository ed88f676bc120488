import { CompiledConfig, type EvaluationHost, type EvaluationScope } from '../evaluation/index.js';
import { InvalidEnvelopeError } from '../errors/index.js';
import {
  type Config,
  configProblem,
  deepFreeze,
  inSlices,
  type LoadedEnvelope,
  PackedConfig,
  type StoredConfig,
  unpackConfig,
} from '../model/index.js';
import { configSkipped, duplicateConfig } from './store.messages.js';

/**
 * The immutable configs of one envelope. Creating a snapshot only indexes them by key; a config is compiled when it is
 * first read.
 */
export class Snapshot implements EvaluationScope {
  readonly version: string;
  readonly environment: string;
  readonly generation: number;
  /** The configs read so far. */
  readonly compiled = new Map<string, CompiledConfig>();

  private constructor(
    private readonly configs: ReadonlyMap<string, StoredConfig>,
    /** As delivered. */
    readonly meta: LoadedEnvelope['meta'],
    readonly host: EvaluationHost,
  ) {
    this.version = meta.version;
    this.environment = meta.environment ?? '';
    this.generation = meta.generation ?? 0;
  }

  /**
   * Creates a snapshot, yielding to the event loop between slices. The configs become part of the snapshot. An invalid
   * config is skipped with a warning.
   *
   * @param origin where the envelope came from, for messages
   * @throws {InvalidEnvelopeError} `invalid_envelope`: it has configs, and none of them is valid
   */
  static async fromEnvelope(
    envelope: LoadedEnvelope,
    origin: string,
    host: EvaluationHost,
  ): Promise<Snapshot> {
    const configs = new Map<string, StoredConfig>();
    await inSlices(envelope.configs, (config) => {
      // A packed config has been validated.
      const flaw = config instanceof PackedConfig ? undefined : configProblem(config);
      if (flaw !== undefined) {
        host.warnOnce(configSkipped(nameOf(config), flaw));
        return;
      }
      if (configs.has(config.key)) host.warnOnce(duplicateConfig(config.key));
      configs.set(config.key, config);
    });
    if (configs.size === 0 && envelope.configs.length > 0) {
      throw new InvalidEnvelopeError(origin, 'none of its configs can be read');
    }
    return new Snapshot(configs, envelope.meta, host);
  }

  /** Creates a snapshot at once. The configs are valid, and become part of it. */
  static of(
    configs: ReadonlyMap<string, Config>,
    meta: LoadedEnvelope['meta'],
    host: EvaluationHost,
  ): Snapshot {
    return new Snapshot(configs, meta, host);
  }

  get size(): number {
    return this.configs.size;
  }

  /** All configs, parsed or packed, in the order of the envelope. */
  storedConfigs(): Iterable<StoredConfig> {
    return this.configs.values();
  }

  keys(): string[] {
    return [...this.configs.keys()];
  }

  /** The compiled config; `undefined` for an unknown key. */
  find(key: string): CompiledConfig | undefined {
    return this.compiled.get(key) ?? this.compile(key);
  }

  /** The config, parsed or packed; `undefined` for an unknown key. */
  stored(key: string): StoredConfig | undefined {
    return this.configs.get(key);
  }

  /** The config as delivered, frozen; `undefined` for an unknown key. */
  frozenSource(key: string): Readonly<Config> | undefined {
    const stored = this.configs.get(key);
    return stored && deepFreeze(this.compiled.get(key)?.source ?? unpackConfig(stored));
  }

  private compile(key: string): CompiledConfig | undefined {
    const stored = this.configs.get(key);
    if (stored === undefined) return undefined;
    const compiled = new CompiledConfig(unpackConfig(stored), this);
    this.compiled.set(key, compiled);
    return compiled;
  }
}

function nameOf(config: unknown): string {
  const key: unknown = (config as Config | null | undefined)?.key;
  return typeof key === 'string' && key !== '' ? `"${key}"` : 'without a key';
}
