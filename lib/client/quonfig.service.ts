import type { Observable } from 'rxjs';
import { CurrentEnvelope, pathOf } from './current-envelope.js';
import { loadFirst } from './load-first.js';
import type {
  KnownKey,
  QuonfigModuleOptions,
  QuonfigRead,
  QuonfigTypes,
  QuonfigUpdate,
  UntypedKey,
} from '../interfaces/index.js';
import type { Contexts } from '../model/index.js';
import { resolveOptions } from '../options/index.js';
import { createParts } from './parts.js';
import { ServiceState } from './service-state.js';
import { type LiveValue, liveValue } from '../updates/live-value.js';
import { observeRead } from '../updates/observe.js';

/**
 * Flags, configs and log levels of one workspace and environment: evaluated in process, updated live. The injected
 * service is ready: its first load has finished.
 *
 * @example
 * ```ts
 * constructor(private readonly quonfig: QuonfigService) {}
 * const limit = this.quonfig.getNumber('search.limit', { user }, 20);
 * ```
 *
 * @publicApi
 */
export class QuonfigService<Types = QuonfigTypes> extends ServiceState<Types> {
  /**
   * Creates a service without a container, live parts included: for scripts, worker threads and tests. Call `close()` when
   * you are done.
   *
   * @param options the same as for `QuonfigModule.forRoot`. Default `{}`: the SDK key comes from the environment
   * @returns a service whose first load has finished
   * @throws {InvalidOptionsError} `invalid_options`, or the error of the first load under `onInitFailure: "throw"`
   * @example
   * ```ts
   * const quonfig = await QuonfigService.create({ datadir: './workspace', environment: 'production' });
   * const limit = quonfig.getNumber('search.limit');
   * await quonfig.close();
   * ```
   */
  static async create(options: QuonfigModuleOptions = {}): Promise<QuonfigService> {
    const parts = createParts(resolveOptions(options));
    const service = new QuonfigService(parts);
    await loadFirst(parts, service);
    service.start();
    return service;
  }

  private started = false;

  /**
   * Emits every update right after it takes effect; completes with `close()`. As for every Observable of the service,
   * errors of subscribers and operators are logged and affect nothing else.
   */
  get updates$(): Observable<QuonfigUpdate> {
    return this.isolated('updates$', this.configReads.store.updates$);
  }

  /**
   * Emits every read of a flag or config, right after it: getters, details, guards, parameters, live values. Calls of
   * `shouldLog` and `explain` are not emitted, nor what a subscriber reads itself. Costs nothing without a subscriber.
   */
  get reads$(): Observable<QuonfigRead> {
    return this.isolated('reads$', this.configReads.feed.reads$);
  }

  /**
   * Observes the value of a key: emits the current value on subscription, then each different one. An evaluation that fails
   * is logged as a warning, and the previous value stays.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @param defaultValue emitted when the key has no value. Default `undefined`
   * @returns completes with `close()`
   * @throws {UnknownKeyError} `unknown_key`: no config has the key, and `onUnknownKey` is `"throw"`
   * @example
   * ```ts
   * quonfig.observe('search.limit', undefined, 20).subscribe((limit) => pool.resize(limit));
   * ```
   */
  observe<Key extends KnownKey<Types>>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: Types[Key],
  ): Observable<Types[Key]>;
  observe<T = unknown>(
    key: UntypedKey<Types>,
    contexts?: Contexts | null,
    defaultValue?: T,
  ): Observable<T>;
  observe(key: string, contexts?: Contexts | null, defaultValue?: unknown): Observable<unknown> {
    const values$ = observeRead(this.configReads, key, contexts, this.tier, defaultValue);
    return this.isolated(`observe('${key}')`, values$);
  }

  /**
   * Returns a value that stays current: `.value` evaluates on each access, `.changes$` emits each different value.
   *
   * @param key key of the config
   * @param contexts per-call contexts; they take precedence over all others
   * @param defaultValue used when the key has no value. Without it, `.value` follows `onNoDefault`
   * @returns an object that holds no resources until `.changes$` is subscribed
   * @throws {UnknownKeyError} `unknown_key`: no config has the key, and `onUnknownKey` is `"throw"`
   * @example
   * ```ts
   * const limit = quonfig.live('search.limit', undefined, 20);
   * limit.value; // evaluated now
   * ```
   */
  live<Key extends KnownKey<Types>>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: Types[Key],
  ): LiveValue<Types[Key]>;
  live<T = unknown>(
    key: UntypedKey<Types>,
    contexts?: Contexts | null,
    defaultValue?: T,
  ): LiveValue<T>;
  live(key: string, contexts?: Contexts | null, defaultValue?: unknown): LiveValue<unknown> {
    const untyped = key as UntypedKey<Types>;
    const read = () => this.get<unknown>(untyped, contexts, defaultValue);
    return liveValue(key, read, this.observe<unknown>(untyped, contexts, defaultValue));
  }

  /**
   * Returns the current configs as an envelope, for serving them to other clients. It stays the same when others are installed.
   *
   * @returns `undefined` while there are no configs
   */
  envelope(): CurrentEnvelope | undefined {
    const { current, currentSource } = this.configReads.store;
    if (current === undefined) return undefined;
    return new CurrentEnvelope(current, currentSource, pathOf(this.parts.options));
  }

  /**
   * Runs a function in which flags and configs have other values, for people who test: to preview a feature, or to
   * reproduce a bug. Everything that the function starts reads those values, whatever the contexts; telemetry does not
   * count them. Segments and log levels have no overrides, and `explain` shows what the rules say. Update handlers, and
   * what runs in `QuonfigContext.outside`, read no overrides.
   *
   * @param values values by key, of the type of each config; durations as strings such as `PT90S`
   * @param action called once, immediately; may be async
   * @param signal ends the overrides when it is aborted, for everything that is still running, such as timers. Default:
   * nothing ends them
   * @returns what the function returns
   * @throws {QuonfigError} `invalid_override`: no flag or config has a key, or a value has another type. Nothing was run
   * @example
   * ```ts
   * quonfig.withOverrides({ 'checkout.one-page': true }, () => renderCheckout());
   * ```
   */
  withOverrides<T>(
    values: Readonly<Record<string, unknown>>,
    action: () => T,
    signal?: AbortSignal,
  ): T {
    return this.configReads.withOverrides(values, action, signal);
  }

  /**
   * Reads the source now. The current configs stay if it fails.
   *
   * @returns resolves once the configs are current
   * @throws {ClosedError} `closed`: after `close()`
   * @throws {QuonfigError} the reason why the source is unreadable: `http_error`, `network_error`, `invalid_workspace`, …
   */
  refresh(): Promise<void> {
    return this.parts.ambient.outside(() => this.parts.delivery.refresh());
  }

  /**
   * Refreshes if the last successful refresh is at least this old: for processes that are frozen between requests.
   * Concurrent callers share one promise, which need not be awaited.
   *
   * @param ms age in ms
   * @returns `undefined` if there is nothing to do: fresh, never refreshed, closed, or a local source
   */
  updateIfStalerThan(ms: number): Promise<void> | undefined {
    return this.parts.ambient.outside(() => this.parts.delivery.updateIfStalerThan(ms));
  }

  /**
   * Stops following the source: the stream and the poller stop, reads continue, and the connection state is `disconnected`.
   * Telemetry is sent once more, then pauses until `resume()`.
   */
  suspend(): void {
    this.parts.delivery.suspend();
    void this.parts.reporter?.suspend();
  }

  /**
   * Follows the source again and refreshes.
   *
   * @throws what {@link refresh} throws
   */
  resume(): Promise<void> {
    this.startTelemetry();
    return this.parts.ambient.outside(() => this.parts.delivery.resume());
  }

  /**
   * Refreshes and reconnects now: clears a terminal failure, ends a suspension, skips the wait before the next attempt.
   *
   * @throws what {@link refresh} throws
   */
  reconnect(): Promise<void> {
    this.startTelemetry();
    return this.parts.ambient.outside(() => this.parts.delivery.reconnect());
  }

  /**
   * Sends the telemetry recorded since the last report, and reports waiting for a retry, unless the telemetry service asked
   * for a pause. Never rejects; does nothing without telemetry.
   */
  async flush(): Promise<void> {
    await this.parts.reporter?.flush();
  }

  /**
   * Stops all live parts, within 5 s. Reads continue from the current configs; nothing more is installed, and no callback
   * is called. Telemetry recorded since the last report is sent once. Idempotent; never rejects.
   */
  async close(): Promise<void> {
    await Promise.all([this.parts.delivery.close(), this.parts.reporter?.close()]);
  }

  /** Starts the live parts. @internal The module does it, or `create`. */
  start(): void {
    this.started = true;
    this.parts.ambient.outside(() => this.parts.delivery.start());
    if (!this.parts.delivery.suspended) this.startTelemetry();
  }

  private startTelemetry(): void {
    if (this.started) this.parts.ambient.outside(() => this.parts.reporter?.start());
  }
}
