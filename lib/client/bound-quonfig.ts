import { inspect, type InspectOptions } from 'node:util';
import { type EvaluationDetails, type EvaluationTrace, VARIES } from '../evaluation/index.js';
import type { KeyOf, KnownKey, QuonfigTypes, UntypedKey, ConfigKey } from '../interfaces/index.js';
import type { Contexts } from '../model/index.js';
import { inspected } from '../model/inspected.js';
import * as accepted from '../reads/accepted-types.js';
import {
  asIs,
  toBoolean,
  toDuration,
  toFlag,
  toNumber,
  toStringList,
  toStringValue,
} from '../reads/converters.js';
import { detailsRead } from '../reads/details-read.js';
import { explainRead } from '../reads/explain-read.js';
import { shownReader } from './shown-reader.js';
import { LogLevels } from './log-levels.js';

/**
 * Reads configs with a set of bound contexts. `QuonfigService` is one; `withContext` returns others.
 *
 * Reads are synchronous and served from memory. Every read accepts per-call contexts, which take precedence over bound,
 * request and global ones: a named context replaces the whole context of that name.
 *
 * If a key has no value, a getter returns the default. Without a default, the option `onNoDefault` decides: `"error"`
 * throws `MissingDefaultError` (`missing_default`); `"warn"` and `"ignore"` return `undefined`. If no config has the key, the
 * option `onUnknownKey` also applies: `"throw"` throws `UnknownKeyError` (`unknown_key`), even with a default.
 *
 * If a value exists but cannot be resolved, a getter throws even with a default: `MissingEnvVarError` (`missing_env_var`),
 * `CoercionError` (`unable_to_coerce_env_var`), `DecryptionError` (`unable_to_decrypt`) or `InvalidConfigError`
 * (`invalid_config`). JSON values and lists are frozen.
 *
 * @typeParam Types key table of a named instance; by default, that of the application
 * @publicApi
 */
export class BoundQuonfig<Types = QuonfigTypes> extends LogLevels<Types> {
  /**
   * Returns the value of a config in its declared type; durations in ms.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @param defaultValue returned if the key has no value; without it, `onNoDefault` decides
   * @throws {QuonfigError} as listed for the class
   * @example
   * ```ts
   * const limit = quonfig.get('api.limit', { user: { key: 'u-1' } }, 100);
   * ```
   */
  get<Key extends KnownKey<Types>>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: Types[Key],
  ): Types[Key];
  get<T = unknown>(key: UntypedKey<Types>, contexts?: Contexts | null, defaultValue?: T): T;
  get(key: string, contexts?: Contexts | null, defaultValue?: unknown): unknown {
    const { configReads: reads } = this;
    const call = contexts ?? undefined;
    const config = reads.find(key);
    if (config === undefined) return reads.withoutValue(key, defaultValue, call, this.tier);
    const { fixedValue } = config;
    if (fixedValue !== VARIES) {
      if (reads.last !== undefined) {
        reads.recordConstant(config.constant!, call, this.tiers.current);
      }
      return fixedValue;
    }
    const tier = this.tiers.current;
    const outcome = config.match(call, tier);
    if (outcome !== undefined && outcome.isConstant) {
      if (reads.last !== undefined) reads.recordConstant(outcome, call, tier);
      return outcome.constant;
    }
    reads.recordContexts(call, tier);
    return reads.finishRead(outcome, key, call, tier, defaultValue, asIs);
  }

  /** Like {@link get}, as a string; lists are joined with commas. */
  getString(key: KeyOf<string, Types>, contexts?: Contexts | null, defaultValue?: string): string {
    return this.configReads.read(key, contexts, this.tier, defaultValue, toStringValue);
  }

  /**
   * Returns a value as a number.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @param defaultValue returned if the key has no value; without it, `onNoDefault` decides
   * @throws {QuonfigError} as listed for the class
   * @throws {CoercionError} `unable_to_coerce_env_var`: the value is not a number
   * @example
   * ```ts
   * const limit = quonfig.getNumber('api.limit', undefined, 100);
   * ```
   */
  getNumber(key: KeyOf<number, Types>, contexts?: Contexts | null, defaultValue?: number): number {
    return this.configReads.read(key, contexts, this.tier, defaultValue, toNumber);
  }

  /**
   * Returns a value as a boolean. The strings `true`, `1`, `t` and `yes` count as true, in any case.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @param defaultValue returned if the key has no value; without it, `onNoDefault` decides
   * @throws {QuonfigError} as listed for the class
   * @example
   * ```ts
   * const compact = quonfig.getBool('layout.compact', { user: { key: 'u-1' } }, false);
   * ```
   */
  getBool(key: KeyOf<boolean, Types>, contexts?: Contexts | null, defaultValue?: boolean): boolean {
    return this.configReads.read(key, contexts, this.tier, defaultValue, toBoolean);
  }

  /** Like {@link get}, as a frozen list of strings; the default is also returned if the value is not a list. */
  getStringList(
    key: KeyOf<readonly string[], Types>,
    contexts?: Contexts | null,
    defaultValue?: readonly string[],
  ): readonly string[] {
    return this.configReads.read(key, contexts, this.tier, defaultValue, toStringList);
  }

  /** Like {@link getNumber}, for a duration: value and default are in ms. */
  getDuration(
    key: KeyOf<number, Types>,
    contexts?: Contexts | null,
    defaultValue?: number,
  ): number {
    return this.configReads.read(key, contexts, this.tier, defaultValue, toDuration);
  }

  /** Like {@link get}, for JSON values, which are deeply frozen. */
  getJSON<Key extends KnownKey<Types>>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: Types[Key],
  ): Types[Key];
  getJSON<T = unknown>(key: UntypedKey<Types>, contexts?: Contexts | null, defaultValue?: T): T;
  getJSON(key: string, contexts?: Contexts | null, defaultValue?: unknown): unknown {
    return this.configReads.read(key, contexts, this.tier, defaultValue, asIs);
  }

  /**
   * Returns whether a flag is on: its value is `true` or the string `"true"`. A flag with an unknown key is off.
   *
   * @param key key of the flag
   * @param contexts per-call contexts; they take precedence over all others
   * @throws {UnknownKeyError} `unknown_key`: no config has the key, and `onUnknownKey` is `"throw"`
   * @throws {MissingDefaultError} `missing_default`: the flag exists but no rule matches, and `onNoDefault` is `"error"`
   * @example
   * ```ts
   * if (quonfig.isEnabled('new-checkout', { user: { key: 'u-1' } })) return newCheckout();
   * ```
   */
  isEnabled(key: KeyOf<boolean, Types>, contexts?: Contexts | null): boolean {
    const { configReads: reads, tier } = this;
    if (reads.find(key) === undefined) return reads.withoutFlag(key, contexts, tier);
    return reads.read<unknown>(key, contexts, tier, undefined, toFlag) === true;
  }

  /**
   * Evaluates a boolean config and explains the result.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @returns the value with reason, variant and flag metadata, or an error code; never throws
   * @example
   * ```ts
   * const { value, reason, errorCode } = quonfig.getBoolDetails('new-checkout');
   * ```
   */
  getBoolDetails(
    key: KeyOf<boolean, Types>,
    contexts?: Contexts | null,
  ): EvaluationDetails<boolean> {
    return detailsRead(this.configReads, key, contexts, this.tier, accepted.BOOLEAN, toBoolean);
  }

  /** Like {@link getBoolDetails}, for a string or log level config. */
  getStringDetails(
    key: KeyOf<string, Types>,
    contexts?: Contexts | null,
  ): EvaluationDetails<string> {
    return detailsRead(this.configReads, key, contexts, this.tier, accepted.STRING, toStringValue);
  }

  /** Like {@link getBoolDetails}, for an int, double or duration (ms) config. */
  getNumberDetails(
    key: KeyOf<number, Types>,
    contexts?: Contexts | null,
  ): EvaluationDetails<number> {
    return detailsRead(this.configReads, key, contexts, this.tier, accepted.NUMBER, toNumber);
  }

  /** Like {@link getBoolDetails}, for a string list config. */
  getStringListDetails(
    key: KeyOf<readonly string[], Types>,
    contexts?: Contexts | null,
  ): EvaluationDetails<readonly string[]> {
    return detailsRead(
      this.configReads,
      key,
      contexts,
      this.tier,
      accepted.STRING_LIST,
      toStringList,
    );
  }

  /** Like {@link getBoolDetails}, for a JSON or string list config. */
  getJSONDetails<Key extends KnownKey<Types>>(
    key: Key,
    contexts?: Contexts | null,
  ): EvaluationDetails<Types[Key]>;
  getJSONDetails<T = unknown>(
    key: UntypedKey<Types>,
    contexts?: Contexts | null,
  ): EvaluationDetails<T>;
  getJSONDetails(key: string, contexts?: Contexts | null): EvaluationDetails {
    return detailsRead(this.configReads, key, contexts, this.tier, accepted.JSON_VALUE, asIs);
  }

  /** Like {@link getBoolDetails}, for a duration config (in ms). */
  getDurationDetails(
    key: KeyOf<number, Types>,
    contexts?: Contexts | null,
  ): EvaluationDetails<number> {
    return detailsRead(this.configReads, key, contexts, this.tier, accepted.DURATION, toDuration);
  }

  /**
   * Explains an evaluation: every rule and criterion tried, with its result. Confidential values are redacted.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @returns plain JSON; never throws
   * @example
   * ```ts
   * console.log(JSON.stringify(quonfig.explain('new-checkout', { user: { key: 'u-1' } }), null, 2));
   * ```
   */
  explain(key: ConfigKey<Types>, contexts?: Contexts | null): EvaluationTrace {
    return explainRead(this.configReads, key, contexts ?? undefined, this.tier);
  }

  /** Returns what JSON and `inspect` show of a reader: version, environment, and the names of its contexts. */
  toJSON(): object {
    return shownReader(this.configReads.store.current, this.tier);
  }

  /** @internal */
  [inspect.custom](depth: number | null, options: InspectOptions): string {
    return inspected(depth, options, this);
  }

  /**
   * Returns a reader whose bound contexts take precedence over this reader's. It is cheap and need not be closed.
   * @param contexts copied, so later changes have no effect
   * @example
   * ```ts
   * const forUser = quonfig.withContext({ user: { key: 'u-1', plan: 'pro' } });
   * forUser.isEnabled('new-checkout');
   * ```
   */
  withContext(contexts: Contexts): BoundQuonfig<Types>;
  /**
   * Calls a function with such a reader and returns its result.
   *
   * @param contexts copied, so later changes have no effect
   * @param use receives the reader
   */
  withContext<T>(contexts: Contexts, use: (quonfig: BoundQuonfig<Types>) => T): T;
  withContext<T>(
    contexts: Contexts,
    use?: (quonfig: BoundQuonfig<Types>) => T,
  ): BoundQuonfig<Types> | T {
    const bound = new BoundQuonfig<Types>(this.configReads, this.tiers.bind(contexts));
    return use === undefined ? bound : use(bound);
  }
}
