import { CompiledConfig, type EvaluationHost, type EvaluationScope } from '../evaluation/index.js';
import { InvalidEnvelopeError } from '../errors/index.js';
import {
  type Config,
  configProblem,
  deepFreeze,
  type Envelope,
  envelopeProblem,
  inSlices,
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
    private readonly configs: ReadonlyMap<string, Config>,
    meta: Envelope['meta'],
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
  static async of(envelope: Envelope, origin: string, host: EvaluationHost): Promise<Snapshot> {
    const problem = envelopeProblem(envelope);
    if (problem !== undefined) throw new InvalidEnvelopeError(origin, problem);
    const configs = new Map<string, Config>();
    await inSlices(envelope.configs, (config) => {
      const flaw = configProblem(config);
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

  keys(): string[] {
    return [...this.configs.keys()];
  }

  find(key: string): CompiledConfig | undefined {
    return this.compiled.get(key) ?? this.compile(key);
  }

  /** The config as it came; not to be handed out unfrozen. */
  source(key: string): Config | undefined {
    return this.configs.get(key);
  }

  /** The config as it came, frozen. */
  frozenSource(key: string): Readonly<Config> | undefined {
    return deepFreeze(this.configs.get(key));
  }

  private compile(key: string): CompiledConfig | undefined {
    const config = this.configs.get(key);
    if (config === undefined) return undefined;
    const compiled = new CompiledConfig(config, this);
    this.compiled.set(key, compiled);
    return compiled;
  }
}

function nameOf(config: unknown): string {
  const key: unknown = (config as Config | null | undefined)?.key;
  return typeof key === 'string' && key !== '' ? `"${key}"` : 'without a key';
}
