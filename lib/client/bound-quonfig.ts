import {
  type AcceptedType,
  type EvaluationDetails,
  type EvaluationTrace,
  type RawMatch,
  rawMatchOf,
  traceOf,
  errorDetails,
} from '../evaluation/index.js';
import type { KeyOf, KnownKey, QuonfigTypes, UntypedKey, ConfigKey } from '../interfaces/index.js';
import { shouldLog, type ShouldLogRequest } from '../logging/should-log.js';
import { type Config, type Contexts, contextTier, type ContextTier } from '../model/index.js';
import type { ConfigReads } from '../reads/config-reads.js';
import { asIs, toBoolean, toDuration, toNumber, toText, toTextList } from '../reads/converters.js';
import { keyUnknown, noValueFound, notInitialized } from '../reads/reads.messages.js';

const BOOLEAN: AcceptedType = { name: 'boolean', valueTypes: ['bool'] };
const TEXT: AcceptedType = { name: 'string', valueTypes: ['string', 'log_level'] };
const NUMBER: AcceptedType = { name: 'number', valueTypes: ['int', 'double', 'duration'] };
const TEXT_LIST: AcceptedType = { name: 'string list', valueTypes: ['string_list'] };
const JSON_VALUE: AcceptedType = { name: 'JSON value', valueTypes: ['json', 'string_list'] };
const DURATION: AcceptedType = { name: 'duration', valueTypes: ['duration'] };

/**
 * The reads, with contexts bound to them: of the service, and of what `withContext` gives.
 *
 * Every read takes the contexts of the call, which stand before all others: a named context replaces one of the same
 * name whole. A read never waits and never does I/O.
 *
 * Plain getters answer a key without value with the default when one is given, else by the option `onNoDefault`: with
 * `"error"` they throw `MissingDefaultError` (`missing_default`), with `"warn"` and `"ignore"` they give `undefined`. They throw
 * `MissingEnvVarError` (`missing_env_var`), `CoercionError` (`unable_to_coerce_env_var`), `DecryptionError` (`unable_to_decrypt`) and
 * `InvalidConfigError` (`invalid_config`) when there is a value that cannot be used. JSON values and lists are frozen.
 *
 * @publicApi
 */
export class BoundQuonfig {
  /** @internal Use `withContext`. */
  constructor(
    /** @internal */
    protected readonly reads: ConfigReads,
    /** @internal */
    protected readonly tier: ContextTier | undefined,
  ) {}

  /** The value of a config, in the type it declares; durations in ms. */
  get<Key extends KnownKey>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: QuonfigTypes[Key],
  ): QuonfigTypes[Key];
  get<T = unknown>(key: UntypedKey, contexts?: Contexts | null, defaultValue?: T): T;
  get(key: string, contexts?: Contexts | null, defaultValue?: unknown): unknown {
    const { reads, tier } = this;
    const call = contexts ?? undefined;
    const config = reads.find(key);
    if (config === undefined) return reads.withoutValue(key, defaultValue);
    const outcome = config.match(call, tier);
    if (outcome !== undefined && outcome.isConstant) {
      reads.gaveConstant(outcome, call, tier);
      return outcome.constant;
    }
    reads.saw(call, tier);
    return reads.valueOf(outcome, key, call, tier, defaultValue, asIs);
  }

  /** The text form of a value; lists are joined with commas. */
  getString(key: KeyOf<string>, contexts?: Contexts | null, defaultValue?: string): string {
    return this.reads.read(key, contexts, this.tier, defaultValue, toText);
  }

  /** A number. @throws CoercionError when the value is none */
  getNumber(key: KeyOf<number>, contexts?: Contexts | null, defaultValue?: number): number {
    return this.reads.read(key, contexts, this.tier, defaultValue, toNumber);
  }

  /** A boolean; text counts as true when it is `true`, `1`, `t` or `yes` in any case. */
  getBool(key: KeyOf<boolean>, contexts?: Contexts | null, defaultValue?: boolean): boolean {
    return this.reads.read(key, contexts, this.tier, defaultValue, toBoolean);
  }

  /** A frozen list of texts; the default, or `undefined`, when the value is no list. */
  getStringList(
    key: KeyOf<readonly string[]>,
    contexts?: Contexts | null,
    defaultValue?: readonly string[],
  ): readonly string[] {
    return this.reads.read(key, contexts, this.tier, defaultValue, toTextList);
  }

  /** A duration in ms. @throws CoercionError when the value is none */
  getDuration(key: KeyOf<number>, contexts?: Contexts | null, defaultValue?: number): number {
    return this.reads.read(key, contexts, this.tier, defaultValue, toDuration);
  }

  /** A frozen JSON value. */
  getJSON<Key extends KnownKey>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: QuonfigTypes[Key],
  ): QuonfigTypes[Key];
  getJSON<T = unknown>(key: UntypedKey, contexts?: Contexts | null, defaultValue?: T): T;
  getJSON(key: string, contexts?: Contexts | null, defaultValue?: unknown): unknown {
    return this.reads.read(key, contexts, this.tier, defaultValue, asIs);
  }

  /** Whether a flag is on: `true` or the text `"true"`. A key that does not exist is off, whatever the policy. */
  isEnabled(key: KeyOf<boolean>, contexts?: Contexts | null): boolean {
    if (this.reads.find(key) === undefined) {
      if (this.reads.settings.onNoDefault === 'warn') this.reads.settings.warn(noValueFound(key));
      return false;
    }
    const value = this.reads.read<unknown>(key, contexts, this.tier, undefined, asIs);
    return value === true || value === 'true';
  }

  /** The value of a boolean config and how it came about. Never throws. */
  getBoolDetails(key: KeyOf<boolean>, contexts?: Contexts | null): EvaluationDetails<boolean> {
    return this.reads.details(key, contexts, this.tier, BOOLEAN, toBoolean);
  }

  /** The value of a string or log level config and how it came about. Never throws. */
  getStringDetails(key: KeyOf<string>, contexts?: Contexts | null): EvaluationDetails<string> {
    return this.reads.details(key, contexts, this.tier, TEXT, toText);
  }

  /** The value of an int, double or duration (ms) config and how it came about. Never throws. */
  getNumberDetails(key: KeyOf<number>, contexts?: Contexts | null): EvaluationDetails<number> {
    return this.reads.details(key, contexts, this.tier, NUMBER, toNumber);
  }

  /** The value of a string list config and how it came about. Never throws. */
  getStringListDetails(
    key: KeyOf<readonly string[]>,
    contexts?: Contexts | null,
  ): EvaluationDetails<readonly string[]> {
    return this.reads.details(key, contexts, this.tier, TEXT_LIST, toTextList);
  }

  /** The value of a JSON or string list config and how it came about. Never throws. */
  getJSONDetails<Key extends KnownKey>(
    key: Key,
    contexts?: Contexts | null,
  ): EvaluationDetails<QuonfigTypes[Key]>;
  getJSONDetails<T = unknown>(key: UntypedKey, contexts?: Contexts | null): EvaluationDetails<T>;
  getJSONDetails(key: string, contexts?: Contexts | null): EvaluationDetails {
    return this.reads.details(key, contexts, this.tier, JSON_VALUE, asIs);
  }

  /** The value of a duration config in ms and how it came about. Never throws. */
  getDurationDetails(key: KeyOf<number>, contexts?: Contexts | null): EvaluationDetails<number> {
    return this.reads.details(key, contexts, this.tier, DURATION, toDuration);
  }

  /**
   * Why a read gives what it gives: every rule and criterion tried, as plain JSON. Made with the parts that reads use; a
   * confidential config shows neither values seen nor its own. Never throws.
   */
  explain(key: ConfigKey, contexts?: Contexts | null): EvaluationTrace {
    const snapshot = this.reads.store.current;
    const config = snapshot?.find(key);
    if (snapshot !== undefined && config !== undefined) {
      return traceOf(config, snapshot, contexts ?? undefined, this.tier);
    }
    const outcome =
      snapshot === undefined
        ? errorDetails('GENERAL', notInitialized)
        : errorDetails('FLAG_NOT_FOUND', keyUnknown(key));
    const { environment = '', version = '' } = snapshot ?? {};
    return { key, environment, version, rules: [], outcome };
  }

  /**
   * The matched value before it is resolved: no variable is read and nothing decrypted. `undefined` for an unknown key and
   * when no rule matches.
   *
   * @throws InvalidConfigError (`invalid_config`) when the config cannot be evaluated
   */
  getRawMatch(key: ConfigKey, contexts?: Contexts | null): RawMatch | undefined {
    const config = this.reads.find(key);
    return (
      config &&
      rawMatchOf(config, contexts ?? undefined, this.tier, (name) => this.reads.find(name))
    );
  }

  /** The stored config, frozen; `undefined` for an unknown key. */
  rawConfig(key: ConfigKey): Readonly<Config> | undefined {
    return this.reads.store.current?.frozenSource(key);
  }

  /** The keys of all configs. */
  keys(): string[] {
    return this.reads.store.current?.keys() ?? [];
  }

  /**
   * Whether a message of some level should be logged: when the configured level is at or below it.
   *
   * @throws InvalidLogRequestError (`invalid_log_request`) with both or neither of `configKey` and `loggerPath`, or with
   *   `loggerPath` and no option `loggerKey`; nothing else ever escapes
   */
  shouldLog(request: ShouldLogRequest): boolean {
    return shouldLog(this.reads, request, this.tier);
  }

  /** A reader with these contexts in front of this reader's own. They are copied. Cheap to make, nothing to close. */
  withContext(contexts: Contexts): BoundQuonfig;
  /** Calls a function with such a reader, and gives what the function gives. */
  withContext<T>(contexts: Contexts, use: (quonfig: BoundQuonfig) => T): T;
  withContext<T>(contexts: Contexts, use?: (quonfig: BoundQuonfig) => T): BoundQuonfig | T {
    const bound = new BoundQuonfig(this.reads, contextTier(contexts, this.tier));
    return use === undefined ? bound : use(bound);
  }
}
