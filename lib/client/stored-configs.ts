import {
  type CompiledConfig,
  type EvaluationDetails,
  type RawMatch,
  rawMatchOf,
} from '../evaluation/index.js';
import type { ConfigKey, KeyOf, QuonfigTypes } from '../interfaces/index.js';
import type { Config, Contexts, ContextTier } from '../model/index.js';
import type { ConfigReads } from '../reads/config-reads.js';
import { durationStringRead } from '../reads/duration-string-read.js';
import type { ReadTier } from './read-tier.js';

/**
 * Returns configs as they are stored, confidential values included. `BoundQuonfig` and `QuonfigService` extend it.
 *
 * @typeParam Types key table of a named instance; by default, that of the application
 * @publicApi
 */
export abstract class StoredConfigs<Types = QuonfigTypes> {
  /** @internal Use `withContext`. */
  constructor(
    /** @internal */ protected readonly configReads: ConfigReads,
    /** @internal */ protected readonly tiers: ReadTier,
  ) {}

  /** @internal The contexts behind a read now. */
  protected get tier(): ContextTier | undefined {
    return this.tiers.current;
  }

  /**
   * Returns the matched value before it is resolved: no environment variable is read and nothing is decrypted.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @returns `undefined` for an unknown key, or if no rule matches
   * @throws {InvalidConfigError} `invalid_config`: the config cannot be evaluated
   */
  getRawMatch(key: ConfigKey<Types>, contexts?: Contexts | null): RawMatch | undefined {
    const snapshot = this.configReads.store.current;
    const find = (name: string): CompiledConfig | undefined => snapshot?.find(name);
    const config = find(key);
    return config && rawMatchOf(config, contexts ?? undefined, this.tier, find);
  }

  /**
   * Evaluates a duration config and explains the result, with the duration as the ISO 8601 string that is stored or provided,
   * such as `PT90S`.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @returns like `getDurationDetails`, which returns milliseconds; never throws
   */
  getDurationStringDetails(
    key: KeyOf<number, Types>,
    contexts?: Contexts | null,
  ): EvaluationDetails<string> {
    return durationStringRead(this.configReads, key, contexts, this.tier);
  }

  /** Returns the config as delivered, frozen; `undefined` for an unknown key. */
  rawConfig(key: ConfigKey<Types>): Readonly<Config> | undefined {
    return this.configReads.store.current?.frozenSource(key);
  }

  /** Returns the keys of all configs. */
  keys(): string[] {
    return this.configReads.store.current?.keys() ?? [];
  }
}
