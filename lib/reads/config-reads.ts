import { MalformedDurationError, MissingDefaultError } from '../errors/index.js';
import { type CompiledConfig, malformedDuration, type Outcome } from '../evaluation/index.js';
import type { OnNoDefault, OnUnknownKey } from '../interfaces/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import type { ConfigStore } from '../store/index.js';
import type { RecordedContexts, TelemetryWindow } from '../telemetry/telemetry-window.js';
import type { Converter } from './converters.js';
import { FinishedRead, type ReadResult } from './finished-read.js';
import { ReadFeed } from './read-feed.js';
import { whyNoValue } from './why-no-value.js';
import { noValueFound } from './reads.messages.js';
import { ReadOverrides } from './read-overrides.js';
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

/** No contexts of a read: while reads are observed, every one of them is recorded in full. */
const NO_CONTEXTS: RecordedContexts = { call: {}, base: undefined };

/** Reads the current snapshot, and applies `onUnknownKey` and `onNoDefault` to reads without a value. */
export class ConfigReads {
  /** Absent until the first override: reads then look for none. */
  private overrides: ReadOverrides | undefined;
  /** Whether somebody subscribed to `reads$`. Without a subscriber, no event is created. */
  isObserved = false;
  /**
   * The contexts that were recorded last; `undefined` if nobody wants to know of reads: no telemetry, and no subscriber of
   * `reads$`. Every read tests it.
   */
  last: RecordedContexts | undefined;

  /** Emits reads to whoever subscribed. */
  readonly feed = new ReadFeed((isObserved) => {
    this.isObserved = isObserved;
    this.last = isObserved ? NO_CONTEXTS : this.telemetry?.last;
  });

  constructor(
    readonly store: ConfigStore,
    readonly settings: ReadSettings,
    /** Records reads; absent if telemetry is off. */
    private readonly telemetry?: TelemetryWindow,
    readonly unknownKeys = new UnknownKeys(store, settings),
  ) {
    this.last = telemetry?.last;
  }

  find(key: string): CompiledConfig | undefined {
    const config = this.store.find(key);
    return this.overrides === undefined ? config : (this.overrides.find(key) ?? config);
  }

  /** Runs an action in which keys have other values, until the signal is aborted. */
  withOverrides<T>(
    values: Readonly<Record<string, unknown>>,
    action: () => T,
    signal?: AbortSignal,
  ): T {
    this.overrides ??= new ReadOverrides();
    return this.overrides.run(values, this.store.current, action, signal);
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
    if (telemetry !== undefined && (call !== telemetry.last.call || base !== telemetry.last.base)) {
      telemetry.recordContexts(call, base);
    }
  }

  /** Records that a read returned a value. */
  recordValue(outcome: Outcome, value: unknown): void {
    if (this.telemetry === undefined) return;
    if (outcome.reads++ === 0 || !outcome.isUniform) this.telemetry.recordOutcome(outcome, value);
  }

  /** Records contexts and value together, for an outcome with a constant value. Only needed if {@link last} exists. */
  recordConstant(
    outcome: Outcome,
    call: Contexts | undefined,
    base: ContextTier | undefined,
  ): void {
    const { last } = this;
    // Most reads repeat the contexts of the one before.
    if (last !== undefined && call === last.call && base === last.base && outcome.reads > 0) {
      outcome.reads++;
    } else {
      this.recordInFull(outcome, call, base);
    }
  }

  private recordInFull(
    outcome: Outcome,
    call: Contexts | undefined,
    base: ContextTier | undefined,
  ): void {
    const { telemetry } = this;
    const value = outcome.constant;
    if (this.isObserved) {
      this.emit(outcome.config.key, call, base, { value, outcome, evaluated: value });
    }
    if (telemetry === undefined) return;
    telemetry.recordContexts(call, base);
    if (outcome.reads++ === 0) telemetry.recordOutcome(outcome, value);
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
    if (outcome === undefined) return this.withoutValue(key, defaultValue, call, base);
    let evaluated: unknown;
    let value: T | undefined;
    try {
      evaluated = outcome.resolve(call ?? undefined, base);
      value = convert(evaluated, key);
    } catch (error) {
      return this.handleUnresolved(outcome, key, call, base, defaultValue, error);
    }
    // Compare with undefined instead of using `??`: null is a valid JSON value.
    if (value === undefined) value = defaultValue;
    else this.recordValue(outcome, evaluated);
    if (this.isObserved) this.emit(key, call, base, { value, outcome, evaluated });
    return value as T;
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
    const result: ReadResult = { value: undefined, outcome };
    try {
      if (outcome === undefined) {
        this.unknownKeys.report(key);
        return (result.value = defaultValue);
      }
      result.evaluated = outcome.resolve(call ?? undefined, base);
      this.recordValue(outcome, result.evaluated);
      return (result.value = result.evaluated);
    } catch (error) {
      result.error = error;
      if (!this.countsAsNoValue(key, error)) throw error;
      return (result.value = defaultValue);
    } finally {
      if (this.isObserved) this.emit(key, call, base, result);
    }
  }

  /**
   * Applies `onUnknownKey` if the key is unknown, then returns the default, or applies `onNoDefault` without one.
   *
   * @throws {UnknownKeyError} `unknown_key` under `onUnknownKey: "throw"`
   * @throws {MissingDefaultError} `missing_default` under `onNoDefault: "error"`
   */
  withoutValue<T>(
    key: string,
    defaultValue: T | undefined,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
  ): T {
    const result: ReadResult = { value: undefined };
    try {
      const warned = this.unknownKeys.report(key);
      if (defaultValue === undefined) {
        if (this.settings.onNoDefault === 'error') {
          throw new MissingDefaultError(key, this.whyNoValue(key));
        }
        if (!warned) this.warnOfNoValue(key, 'undefined');
      }
      result.value = defaultValue;
      return defaultValue as T;
    } finally {
      if (this.isObserved) this.emit(key, call, base, result);
    }
  }

  /**
   * Returns the value of a flag that was not found: off, under every `onNoDefault`.
   *
   * @throws {UnknownKeyError} `unknown_key` under `onUnknownKey: "throw"`
   */
  withoutFlag(
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
  ): false {
    if (this.isObserved) this.emit(key, call, base, { value: false });
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
  countsAsNoValue(key: string, error: unknown): boolean {
    if (!(error instanceof MalformedDurationError)) return false;
    this.settings.warnOnce(malformedDuration(key));
    return true;
  }

  private handleUnresolved<T>(
    outcome: Outcome,
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
    defaultValue: T | undefined,
    error: unknown,
  ): T {
    const result: ReadResult = { value: undefined, outcome, error };
    try {
      if (!this.countsAsNoValue(key, error)) throw error;
      if (defaultValue === undefined && this.settings.onNoDefault === 'error') throw error;
      result.value = defaultValue;
      return defaultValue as T;
    } finally {
      if (this.isObserved) this.emit(key, call, base, result);
    }
  }

  /** Emits a read. Only needed if {@link isObserved}. */
  emit(
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
    result: ReadResult,
  ): void {
    this.feed.emit(new FinishedRead({ key, call, base, snapshot: this.store.current }, result));
  }
}
