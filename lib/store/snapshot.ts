import { CompiledConfig, type EvaluationHost, type EvaluationScope } from '../evaluation/index.js';
import { InvalidEnvelopeError } from '../errors/index.js';
import {
  type Config,
  configProblem,
  deepFreeze,
  envelopeProblem,
  inSlices,
  type LoadedEnvelope,
  PackedConfig,
  type StoredConfig,
  unpacked,
} from '../model/index.js';
import { configSkipped, configTwice } from './store.messages.js';

/**
 * One immutable set of configs. Making it indexes the configs by key and looks no deeper; a config is compiled when it
 * is first read.
 */
export class Snapshot implements EvaluationScope {
  readonly version: string;
  readonly environment: string;
  readonly generation: number;
  /** The configs that have been read. */
  private readonly compiled = new Map<string, CompiledConfig>();

  private constructor(
    private readonly configs: ReadonlyMap<string, StoredConfig>,
    meta: LoadedEnvelope['meta'],
    readonly host: EvaluationHost,
  ) {
    this.version = meta.version;
    this.environment = meta.environment ?? '';
    this.generation = meta.generation ?? 0;
  }

  /**
   * Makes the snapshot of an envelope, in slices that let the event loop turn. The configs become part of the snapshot.
   *
   * A config that cannot be read is left out with a warning.
   *
   * @param origin where the envelope came from, for messages
   * @throws InvalidEnvelopeError when it is no envelope, or has configs and none of them can be read
   */
  static async of(
    envelope: LoadedEnvelope,
    origin: string,
    host: EvaluationHost,
  ): Promise<Snapshot> {
    const problem = envelopeProblem(envelope);
    if (problem !== undefined) throw new InvalidEnvelopeError(origin, problem);
    const configs = new Map<string, StoredConfig>();
    await inSlices(envelope.configs, (config) => {
      // What could be packed has been looked at.
      const flaw = config instanceof PackedConfig ? undefined : configProblem(config);
      if (flaw !== undefined) {
        host.warnOnce(configSkipped(nameOf(config), flaw));
        return;
      }
      if (configs.has(config.key)) host.warnOnce(configTwice(config.key));
      configs.set(config.key, config);
    });
    if (configs.size === 0 && envelope.configs.length > 0) {
      throw new InvalidEnvelopeError(origin, 'none of its configs can be read');
    }
    return new Snapshot(configs, envelope.meta, host);
  }

  get size(): number {
    return this.configs.size;
  }

  /** All configs in the form in which they came, in their order. */
  all(): Iterable<StoredConfig> {
    return this.configs.values();
  }

  keys(): string[] {
    return [...this.configs.keys()];
  }

  find(key: string): CompiledConfig | undefined {
    return this.compiled.get(key) ?? this.compile(key);
  }

  /** The config in the form in which it came. */
  stored(key: string): StoredConfig | undefined {
    return this.configs.get(key);
  }

  /** The config as it came, frozen. */
  frozenSource(key: string): Readonly<Config> | undefined {
    const stored = this.configs.get(key);
    return stored && deepFreeze(this.compiled.get(key)?.source ?? unpacked(stored));
  }

  private compile(key: string): CompiledConfig | undefined {
    const stored = this.configs.get(key);
    if (stored === undefined) return undefined;
    const compiled = new CompiledConfig(unpacked(stored), this);
    this.compiled.set(key, compiled);
    return compiled;
  }
}

function nameOf(config: unknown): string {
  const key: unknown = (config as Config | null | undefined)?.key;
  return typeof key === 'string' && key !== '' ? `"${key}"` : 'without a key';
}
