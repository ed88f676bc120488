import { MalformedDurationError, MissingDefaultError } from '../errors/index.js';
import {
  type AcceptedType,
  accepts,
  type CompiledConfig,
  detailsOf,
  errorDetails,
  type EvaluationDetails,
  malformedDuration,
  type Outcome,
} from '../evaluation/index.js';
import type { OnNoDefault, OnUnknownKey } from '../interfaces/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import type { ConfigStore } from '../store/index.js';
import type { TelemetryWindow } from '../telemetry/telemetry-window.js';
import type { Converter } from './converters.js';
import { whyNoValue } from './why-no-value.js';
import { keyUnknown, noValueFound, notConvertible, notInitialized } from './reads.messages.js';
import { UnknownKeys } from './unknown-keys.js';

/** Settings that all readers of one service share. */
export interface ReadSettings {
  readonly onNoDefault: OnNoDefault;
  readonly onUnknownKey: OnUnknownKey;
  readonly loggerKey: string | undefined;
  warn(message: string): void;
  /** Logs each message once per service. */
  warnOnce(message: string): void;
}

/** Reads the current snapshot, and applies `onUnknownKey` and `onNoDefault` to reads without a value. */
export class ConfigReads {
  readonly unknownKeys: UnknownKeys;

  constructor(
    readonly store: ConfigStore,
    readonly settings: ReadSettings,
    /** Records reads; absent if telemetry is off. */
    private readonly telemetry?: TelemetryWindow,
  ) {
    this.unknownKeys = new UnknownKeys(store, settings);
  }

  find(key: string): CompiledConfig | undefined {
    return this.store.current?.find(key);
  }

  /** Evaluates a key; `undefined` if it is unknown or no rule matches. */
  match(
    key: string,
    call: Contexts | undefined,
    base: ContextTier | undefined,
  ): Outcome | undefined {
    const config = this.find(key);
    if (config === undefined) return undefined;
    this.recordContexts(call, base);
    return config.match(call, base);
  }

  /** Records the contexts of a read. Skips the contexts of the previous read, as reads of one request often share them. */
  recordContexts(call: Contexts | undefined, base: ContextTier | undefined): void {
    const { telemetry } = this;
    if (telemetry !== undefined && (call !== telemetry.lastCall || base !== telemetry.lastBase)) {
      telemetry.recordContexts(call, base);
    }
  }

  /** Records that a read returned a value. */
  recordValue(outcome: Outcome, value: unknown): void {
    if (this.telemetry === undefined) return;
    if (outcome.reads++ === 0 || !outcome.isUniform) this.telemetry.recordOutcome(outcome, value);
  }

  /** Records contexts and value together, for an outcome with a constant value. Most outcomes have one. */
  recordConstant(
    outcome: Outcome,
    call: Contexts | undefined,
    base: ContextTier | undefined,
  ): void {
    const { telemetry } = this;
    if (telemetry === undefined) return;
    this.recordContexts(call, base);
    if (outcome.reads++ === 0) telemetry.recordOutcome(outcome, outcome.constant);
  }

  read<T>(
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
    defaultValue: T | undefined,
    convert: Converter<T>,
  ): T {
    const outcome = this.match(key, call ?? undefined, base);
    return this.finishRead(outcome, key, call, base, defaultValue, convert);
  }

  /** Completes a read whose key has been evaluated: resolves, converts and records the value. */
  finishRead<T>(
    outcome: Outcome | undefined,
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
    defaultValue: T | undefined,
    convert: Converter<T>,
  ): T {
    if (outcome === undefined) return this.withoutValue(key, defaultValue);
    let value: unknown;
    try {
      value = outcome.resolve(call ?? undefined, base);
    } catch (error) {
      return this.handleUnresolved(key, defaultValue, error);
    }
    const converted = convert(value, key);
    // Compare with undefined instead of using `??`: null is a valid JSON value.
    if (converted === undefined) return defaultValue as T;
    this.recordValue(outcome, value);
    return converted;
  }

  /**
   * Returns the value, or the default if there is none or it is a malformed duration, ignoring `onNoDefault`. Throws if
   * the value cannot be resolved otherwise, and what `onUnknownKey` says.
   */
  readOrDefault(
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
    defaultValue: unknown,
  ): unknown {
    const outcome = this.match(key, call ?? undefined, base);
    if (outcome === undefined) {
      this.unknownKeys.report(key);
      return defaultValue;
    }
    try {
      const value = outcome.resolve(call ?? undefined, base);
      this.recordValue(outcome, value);
      return value;
    } catch (error) {
      if (!this.countsAsNoValue(key, error)) throw error;
      return defaultValue;
    }
  }

  details<T>(
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
    accepted: AcceptedType,
    convert: Converter<T>,
  ): EvaluationDetails<T> {
    const snapshot = this.store.current;
    if (snapshot === undefined) return errorDetails('GENERAL', notInitialized);
    const config = snapshot.find(key);
    if (config === undefined) {
      this.unknownKeys.warnOnce(key);
      const suggestion = this.unknownKeys.suggestionFor(key);
      return errorDetails('FLAG_NOT_FOUND', keyUnknown(key, suggestion));
    }
    if (accepts(accepted, config)) this.recordContexts(call ?? undefined, base);
    let outcome: Outcome | undefined;
    const details = detailsOf(config, snapshot.environment, call ?? undefined, base, accepted, {
      matched: (matched) => void (outcome = matched),
      failed: (error) => void this.countsAsNoValue(key, error),
    });
    if (details.value === undefined) return details as EvaluationDetails<T>;
    const value = convertOrUndefined(details.value, key, convert);
    if (value !== undefined) {
      if (outcome !== undefined) this.recordValue(outcome, details.value);
      return { ...details, value };
    }
    return errorDetails('TYPE_MISMATCH', notConvertible(key, accepted.name), details.flagMetadata);
  }

  /**
   * Applies `onUnknownKey` if the key is unknown, then returns the default, or applies `onNoDefault` without one.
   *
   * @throws {UnknownKeyError} `unknown_key` under `onUnknownKey: "throw"`
   * @throws {MissingDefaultError} `missing_default` under `onNoDefault: "error"`
   */
  withoutValue<T>(key: string, defaultValue: T | undefined): T {
    const warned = this.unknownKeys.report(key);
    if (defaultValue === undefined) {
      if (this.settings.onNoDefault === 'error') {
        throw new MissingDefaultError(key, this.whyNoValue(key));
      }
      if (!warned) this.warnOfNoValue(key, 'undefined');
    }
    return defaultValue as T;
  }

  /**
   * Returns the value of a flag that was not found: off, under every `onNoDefault`.
   *
   * @throws {UnknownKeyError} `unknown_key` under `onUnknownKey: "throw"`
   */
  withoutFlag(key: string): false {
    if (!this.unknownKeys.report(key)) this.warnOfNoValue(key, 'false');
    return false;
  }

  private warnOfNoValue(key: string, returned: 'undefined' | 'false'): void {
    if (this.settings.onNoDefault !== 'warn') return;
    this.settings.warn(noValueFound(key, this.whyNoValue(key), returned));
  }

  private whyNoValue(key: string): string {
    return whyNoValue(this.store.current, key, this.unknownKeys.suggestionFor(key));
  }

  /** A malformed duration counts as no value, with a warning; reads throw any other error. */
  private countsAsNoValue(key: string, error: unknown): boolean {
    if (!(error instanceof MalformedDurationError)) return false;
    this.settings.warnOnce(malformedDuration(key));
    return true;
  }

  private handleUnresolved<T>(key: string, defaultValue: T | undefined, error: unknown): T {
    if (!this.countsAsNoValue(key, error)) throw error;
    if (defaultValue === undefined && this.settings.onNoDefault === 'error') throw error;
    return defaultValue as T;
  }
}

function convertOrUndefined<T>(value: unknown, key: string, convert: Converter<T>): T | undefined {
  try {
    return convert(value, key);
  } catch {
    return undefined;
  }
}
