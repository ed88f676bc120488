import { type Observable, skip } from 'rxjs';
import { BoundQuonfig } from './bound-quonfig.js';
import { suspendAtFork } from '../delivery/cluster/suspend-at-fork.js';
import type { ConnectionState } from '../delivery/connection-state.js';
import type { Delivery, TerminalFailure } from '../delivery/delivery.js';
import { firstLoad } from '../delivery/init-policy.js';
import type {
  KnownKey,
  QuonfigHealth,
  QuonfigMetrics,
  QuonfigModuleOptions,
  QuonfigTypes,
  QuonfigUpdate,
  UntypedKey,
} from '../interfaces/index.js';
import type { Contexts } from '../model/index.js';
import { resolveOptions } from '../options/index.js';
import { type DiagnosedParts, healthOf, metricsOf } from './diagnostics.js';
import { createParts, type ServiceParts } from './parts.js';
import { observedReadFailed } from '../reads/reads.messages.js';
import type { TelemetryReporter } from '../telemetry/telemetry-reporter.js';
import type { CallbackRunner } from '../updates/callback-runner.js';
import { isolatedBy } from '../updates/isolated-observable.js';
import type { LiveValue } from '../updates/live-value.js';
import { observeRead } from '../updates/observe.js';
import { subscribeCallbacks } from '../updates/option-callbacks.js';

/**
 * Flags, configs and log levels of one workspace and environment, read in process and kept current. Ready when it is
 * injected.
 *
 * @publicApi
 */
export class QuonfigService extends BoundQuonfig {
  /**
   * Makes a service without a container, live parts included: for scripts, worker threads and tests. Close it when done.
   *
   * @throws InvalidOptionsError (`invalid_options`), and under `onInitFailure: "throw"` what made the first load fail
   */
  static async create(options: QuonfigModuleOptions): Promise<QuonfigService> {
    const service = await loadService(createParts(resolveOptions(options)));
    service.start();
    return service;
  }

  private readonly delivery: Delivery;
  private readonly callbacks: CallbackRunner;
  private readonly telemetry: TelemetryReporter | undefined;
  private readonly diagnosed: DiagnosedParts;
  private started = false;

  /** @internal Use `QuonfigService.create`, or inject the service. */
  constructor(parts: ServiceParts) {
    super(parts.reads, parts.tier);
    this.delivery = parts.delivery;
    this.callbacks = parts.callbacks;
    this.telemetry = parts.reporter;
    this.diagnosed = parts;
  }

  /**
   * Every install from now on, right after it took effect. Completes with `close()`. What a subscriber or an operator
   * throws is logged and disturbs nothing else; that holds for all Observables of this service.
   */
  get updates$(): Observable<QuonfigUpdate> {
    return this.isolated('updates$', this.reads.store.updates$);
  }

  /**
   * The value of a key: the current one on subscription, then each different one. A key without value gives the default
   * or `undefined`; a value that cannot be used is reported as a warning, and the one before it stays.
   */
  observe<Key extends KnownKey>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: QuonfigTypes[Key],
  ): Observable<QuonfigTypes[Key]>;
  observe<T = unknown>(
    key: UntypedKey,
    contexts?: Contexts | null,
    defaultValue?: T,
  ): Observable<T>;
  observe(key: string, contexts?: Contexts | null, defaultValue?: unknown): Observable<unknown> {
    const values$ = observeRead(
      this.reads.store.updates$,
      () => this.reads.peek(key, contexts, this.tier, defaultValue),
      (error) => this.reads.settings.warn(observedReadFailed(key, error)),
      defaultValue,
    );
    return this.isolated(`observe('${key}')`, values$);
  }

  /** A value to keep: `.value` is read when it is asked for, `.changes$` gives each different one. */
  live<Key extends KnownKey>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: QuonfigTypes[Key],
  ): LiveValue<QuonfigTypes[Key]>;
  live<T = unknown>(key: UntypedKey, contexts?: Contexts | null, defaultValue?: T): LiveValue<T>;
  live(key: string, contexts?: Contexts | null, defaultValue?: unknown): LiveValue<unknown> {
    const read = () => this.get<unknown>(key, contexts, defaultValue);
    const values$ = this.observe<unknown>(key, contexts, defaultValue);
    return {
      get value() {
        return read();
      },
      changes$: values$.pipe(skip(1)),
    };
  }

  /** Whether configs have been loaded. Stays true after `close()`. */
  ready(): boolean {
    return this.reads.store.current !== undefined;
  }

  /** Whether what is held follows its source: `initializing`, `connected`, `falling_back` or `disconnected`. */
  connectionState(): ConnectionState {
    return this.delivery.connectionState;
  }

  /** {@link connectionState} now, then each different one. Completes with `close()`. */
  get connectionState$(): Observable<ConnectionState> {
    return this.isolated('connectionState$', this.delivery.connectionState$);
  }

  /**
   * When the source was last known to be reachable and what is held to be current; `undefined` before the first time.
   *
   * Do not put this behind a liveness probe: restarting a process does not repair its source.
   */
  lastSuccessfulRefresh(): Date | undefined {
    return this.delivery.lastSuccessfulRefresh;
  }

  /**
   * Whether the stream refused the key (status 401, 403 or 404) and is not asked again: until `reconnect()`, or for the
   * life of the service. Reads go on with what is held.
   */
  terminalFailure(): boolean {
    return this.delivery.terminalFailure;
  }

  /** Each refusal of the stream. Completes with `close()`. */
  get terminalFailure$(): Observable<TerminalFailure> {
    return this.isolated('terminalFailure$', this.delivery.terminalFailure$);
  }

  /** Generation of the configs held; 0 for a source without generations. */
  heldGeneration(): number {
    return this.reads.store.heldGeneration;
  }

  /** How many sets of configs have been installed. */
  configInstallCount(): number {
    return this.reads.store.installCount;
  }

  /** Which address the last install over HTTP came from; empty before the first, and for local sources. */
  resolvedFrom(): 'primary' | 'secondary' | '' {
    return this.delivery.resolvedFrom;
  }

  /** Whether configs are being polled for, because the stream is down or off. */
  fallbackPollerActive(): boolean {
    return this.delivery.fallbackPollerActive;
  }

  /** Always `false`: the stream has one address. */
  sseFailedOverToSecondary(): boolean {
    return false;
  }

  metrics(): QuonfigMetrics {
    return metricsOf(this.diagnosed);
  }

  /** What is known of the state of this service, as plain JSON: for health endpoints and diagnosis. */
  health(): QuonfigHealth {
    return healthOf(this.diagnosed);
  }

  /** Reads the source again now. Rejects when that fails; what is held stays. */
  refresh(): Promise<void> {
    return this.delivery.refresh();
  }

  /**
   * Refreshes when the last success is at least so many ms ago: for processes that are frozen between requests. The
   * promise is shared by concurrent callers and need not be awaited.
   *
   * @returns `undefined` when there is nothing to do: fresh, never refreshed, closed, or a local source
   */
  updateIfStalerThan(ms: number): Promise<void> | undefined {
    return this.delivery.updateIfStalerThan(ms);
  }

  /**
   * Stops following the source: stream and poller end, reads go on, and the connection state is `disconnected`. Telemetry
   * is sent once more and then not until `resume()`.
   */
  suspend(): void {
    this.delivery.suspend();
    void this.telemetry?.suspend();
  }

  /** Follows the source again, and refreshes. Rejects when the refresh fails. */
  resume(): Promise<void> {
    if (this.started) this.telemetry?.start();
    return this.delivery.resume();
  }

  /**
   * Lifts a terminal failure: refreshes once and follows the stream again, at once. Also ends a suspension, or the wait
   * for the next attempt of the stream. Rejects when the refresh fails.
   */
  reconnect(): Promise<void> {
    if (this.started) this.telemetry?.start();
    return this.delivery.reconnect();
  }

  /**
   * Sends what was recorded for telemetry since the last report, and what waits to be sent again, unless the telemetry
   * service has asked for a pause. Never rejects; without telemetry there is nothing to do.
   */
  async flush(): Promise<void> {
    await this.telemetry?.flush();
  }

  /**
   * Stops everything that is alive in this service, in 5 s at most. Reads go on answering from what is held; nothing is
   * installed and no callback called any more. What was recorded for telemetry since the last report is sent, once.
   * Idempotent, never rejects.
   */
  async close(): Promise<void> {
    await Promise.all([this.delivery.close(), this.telemetry?.close()]);
  }

  /** Starts what is alive in this service. @internal The module, or `create`, does it. */
  start(): void {
    this.started = true;
    this.delivery.start();
    if (!this.delivery.suspended) this.telemetry?.start();
  }

  /** An application may have put a store or a delivery of its own in place. */
  private isolated<T>(name: string, source: Observable<T>): Observable<T> {
    return isolatedBy(this.callbacks)(name, source);
  }
}

/**
 * Makes the service of these parts and waits for the first load.
 *
 * @throws whatever the first load fails with, under `onInitFailure: "throw"`
 */
export async function loadService(parts: ServiceParts): Promise<QuonfigService> {
  const { options, store, delivery, callbacks } = parts;
  const { onInitFailure, logger } = options;
  const service = new QuonfigService(parts);
  subscribeCallbacks(options, store.updates$, delivery.streamState$, callbacks);
  if (options.cluster === 'suspend-primary') {
    suspendAtFork(service, { logger, isSuspended: () => delivery.suspended });
  }
  await firstLoad(delivery, onInitFailure, logger);
  return service;
}
