import type { Observable } from 'rxjs';
import type { ConnectionState } from '../delivery/connection-state.js';
import type { QuonfigRefresh, TerminalFailure } from '../delivery/delivery.js';
import type { QuonfigHealth, QuonfigMetrics, QuonfigTypes } from '../interfaces/index.js';
import type { Isolate } from '../model/index.js';
import type { UnknownKey } from '../reads/unknown-keys.js';
import { isolatedBy } from '../updates/isolated-observable.js';
import { BoundQuonfig } from './bound-quonfig.js';
import { healthOf, metricsOf } from './diagnostics.js';
import type { ServiceParts } from './parts.js';
import { ReadTier } from './read-tier.js';

/**
 * Tells whether the configs of a service are current, where they come from, and what went wrong. `QuonfigService` extends it.
 *
 * @typeParam Types key table of a named instance; by default, that of the application
 * @publicApi
 */
export abstract class ServiceState<Types = QuonfigTypes> extends BoundQuonfig<Types> {
  /** @internal Isolates subscribers here too, because an application may have overridden the store or the delivery. */
  protected readonly isolated: Isolate;

  /** @internal Use `QuonfigService.create`, or inject the service. */
  constructor(/** @internal */ readonly parts: ServiceParts) {
    super(parts.reads, ReadTier.of(parts.ambient));
    this.isolated = isolatedBy(parts.callbacks);
  }

  /** Returns whether configs have been loaded. Stays `true` after `close()`. */
  ready(): boolean {
    return this.configReads.store.current !== undefined;
  }

  /** Returns whether the current configs follow their source: `initializing`, `connected`, `falling_back` or `disconnected`. */
  connectionState(): ConnectionState {
    return this.parts.delivery.connectionState;
  }

  /** Emits {@link connectionState}, then each different state. Completes with `close()`. */
  get connectionState$(): Observable<ConnectionState> {
    return this.isolated('connectionState$', this.parts.delivery.connectionState$);
  }

  /** Emits the first load, once it has ended, then each refresh after its end. Completes with `close()`. */
  get refreshes$(): Observable<QuonfigRefresh> {
    return this.isolated('refreshes$', this.parts.delivery.refreshes$);
  }

  /**
   * Returns when the SDK last knew that its configs were current; `undefined` before the first time.
   * Do not use it in a liveness probe: restarting a process does not repair its source.
   */
  lastSuccessfulRefresh(): Date | undefined {
    return this.parts.delivery.lastSuccessfulRefresh;
  }

  /** Returns whether the server refused the stream (status 401, 403 or 404), which stays down until `reconnect()`. */
  terminalFailure(): boolean {
    return this.parts.delivery.terminalFailure;
  }

  /** Emits each refusal of the stream. Completes with `close()`. */
  get terminalFailure$(): Observable<TerminalFailure> {
    return this.isolated('terminalFailure$', this.parts.delivery.terminalFailure$);
  }

  /** Returns the generation of the current configs; 0 for a source without generations. */
  heldGeneration(): number {
    return this.configReads.store.heldGeneration;
  }

  /** Returns how many envelopes have been installed. */
  configInstallCount(): number {
    return this.configReads.store.installCount;
  }

  /** Returns which API the last install over HTTP came from; `''` before the first, and for local sources. */
  resolvedFrom(): 'primary' | 'secondary' | '' {
    return this.parts.delivery.resolvedFrom;
  }

  /** Returns whether the SDK is polling because the stream is down or off. */
  fallbackPollerActive(): boolean {
    return this.parts.delivery.fallbackPollerActive;
  }

  /** Always `false`: the stream has no secondary. */
  sseFailedOverToSecondary(): boolean {
    return false;
  }

  /** Returns counters since the service was created, as plain JSON. */
  metrics(): QuonfigMetrics {
    return metricsOf(this.parts);
  }

  /** Returns the state of the service as plain JSON, for health endpoints and diagnosis. */
  health(): QuonfigHealth {
    return healthOf(this.parts);
  }

  /** Returns {@link health}: what JSON and `inspect` show of a service. */
  override toJSON(): QuonfigHealth {
    return this.health();
  }

  /**
   * Returns the keys that were read since the last update although no config has them, 1000 at most. Empty under
   * `onUnknownKey: "silent"`.
   */
  unknownKeys(): readonly UnknownKey[] {
    return this.configReads.unknownKeys.seen;
  }
}
