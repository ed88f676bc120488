import { AsyncLocalStorage } from 'node:async_hooks';
import { ErrorCode, type OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/server-sdk';
import type { Subscription } from 'rxjs';
import type { QuonfigService, QuonfigUpdate } from '../index.js';
import * as messages from './openfeature.messages.js';
import { Staleness } from './staleness.js';

/**
 * `unready`: there are no configs yet. `fatal`: and none will arrive, because the server refused the stream. `error`: it
 * refused the stream, and there are configs. `stale`: changes have not arrived for too long.
 */
export type Condition = 'ready' | 'unready' | 'fatal' | 'error' | 'stale';

const CHECK_INTERVAL_MS = 1_000;

/** Follows a service and emits its changes as events of OpenFeature. */
export class ServiceWatch {
  private condition: Condition = 'ready';
  private staleness: Staleness;
  private closed = false;
  /** Runs outside of the request that changes the service, so that handlers of events do too. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private subscriptions: Subscription[] = [];
  private begin: NodeJS.Immediate | undefined;
  private checks: NodeJS.Timeout | undefined;

  constructor(
    private readonly service: QuonfigService,
    private readonly events: OpenFeatureEventEmitter,
    private readonly staleAfterMs: number,
  ) {
    this.staleness = new Staleness(service, staleAfterMs);
  }

  /**
   * Starts to follow the service. The OpenFeature SDK emits the first PROVIDER_READY or PROVIDER_ERROR itself, so nothing is
   * emitted before the caller has returned to the event loop.
   *
   * @returns the condition now
   */
  start(): Condition {
    this.stop();
    const { service } = this;
    this.staleness = new Staleness(service, this.staleAfterMs);
    this.condition = service.ready() ? 'ready' : this.currentCondition();
    this.subscriptions = [
      service.updates$.subscribe((update) => this.outside(() => this.updated(update))),
    ];
    this.begin = setImmediate(() => this.followState());
    return this.condition;
  }

  stop(): void {
    clearImmediate(this.begin);
    clearInterval(this.checks);
    this.checks = undefined;
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
  }

  private followState(): void {
    const { service } = this;
    this.subscriptions.push(
      service.connectionState$.subscribe({
        next: (state) => this.outside(() => this.stateChanged(state === 'connected')),
        complete: () => this.outside(() => this.serviceClosed()),
      }),
    );
  }

  /** While the service is not connected, it is checked repeatedly: failed polls and refusals do not change its state. */
  private stateChanged(isConnected: boolean): void {
    if (isConnected) {
      clearInterval(this.checks);
      this.checks = undefined;
    } else {
      this.checks ??= setInterval(() => this.check(), CHECK_INTERVAL_MS).unref();
    }
    this.check();
  }

  private serviceClosed(): void {
    this.closed = true;
    this.check();
    this.stop();
  }

  private updated(update: QuonfigUpdate): void {
    const isFirst = this.condition === 'unready' || this.condition === 'fatal';
    this.check();
    if (isFirst) return;
    const { added, changed, removed, version, environment } = update;
    this.events.emit(ProviderEvents.ConfigurationChanged, {
      flagsChanged: [...added, ...changed, ...removed],
      metadata: { version, environment },
    });
  }

  private check(): void {
    const condition = this.currentCondition();
    if (condition === this.condition) return;
    this.condition = condition;
    const { events } = this;
    switch (condition) {
      case 'ready':
        events.emit(ProviderEvents.Ready, { message: messages.recovered });
        break;
      case 'stale':
        events.emit(ProviderEvents.Stale, {
          message: this.closed ? messages.closed : messages.stale,
        });
        break;
      case 'error':
        // Not fatal: a client evaluates nothing in a fatal state, and the current configs are still good.
        events.emit(ProviderEvents.Error, {
          message: messages.refused,
          errorCode: ErrorCode.GENERAL,
        });
        break;
      case 'fatal':
        events.emit(ProviderEvents.Error, {
          message: messages.refusedWithoutConfigs,
          errorCode: ErrorCode.PROVIDER_FATAL,
        });
        break;
      case 'unready':
        events.emit(ProviderEvents.Error, {
          message: messages.notReady,
          errorCode: ErrorCode.PROVIDER_NOT_READY,
        });
    }
  }

  private currentCondition(): Condition {
    const { service } = this;
    const isReady = service.ready();
    // Under `onTerminalFailure: "poll"`, polling replaces a refused stream.
    if (service.terminalFailure() && !service.fallbackPollerActive()) {
      return isReady ? 'error' : 'fatal';
    }
    if (!isReady) return 'unready';
    return this.closed || this.staleness.check() ? 'stale' : 'ready';
  }
}
