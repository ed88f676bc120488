import { setMaxListeners } from 'node:events';
import { ClosedError } from '../../errors/index.js';
import type { ConfigEndpoint } from './config-endpoint.js';
import { untilAborted } from '../../requests/index.js';
import type { Leg, Sender, RefreshPurpose, SourceSink } from '../source-sink.js';

export interface HedgedFetchOptions {
  readonly primary: ConfigEndpoint;
  /** Absent when there is only one API. */
  readonly secondary: ConfigEndpoint | undefined;
  /** Delay before the secondary is also queried, in ms. */
  readonly configFetchHedgeDelayMs: number;
  readonly sink: SourceSink;
}

/**
 * Refreshes configs over HTTP. Queries the primary, and also the secondary if the primary fails or is slow. Refreshes may
 * overlap.
 *
 * @publicApi
 */
export class HedgedFetch {
  /** Created by the first refresh of each purpose: a process that only follows another one has none. */
  private readonly controllers = new Map<RefreshPurpose, AbortController>();
  private closed = false;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: HedgedFetchOptions) {}

  /**
   * Resolves at the first install, or when all started legs have ended and at least one has succeeded. Legs that are still
   * running continue, and may install later.
   *
   * @param purpose why configs are fetched. Default `"fetch"`
   * @throws {QuonfigError} the last error if all legs fail
   * @throws {ClosedError} `closed`: after `close()`
   */
  async refresh(purpose: RefreshPurpose = 'fetch'): Promise<void> {
    if (this.closed) throw new ClosedError();
    const { signal } = this.controllerOf(purpose);
    await untilAborted(signal, this.cycle(signal, purpose));
  }

  /**
   * Aborts refreshes: they reject, and offer no more envelopes.
   *
   * @param purpose which refreshes to abort
   * @param reason what they reject with
   */
  interrupt(purpose: RefreshPurpose, reason: Error): void {
    const controller = this.controllers.get(purpose);
    this.controllers.delete(purpose);
    controller?.abort(reason);
  }

  /** Aborts all refreshes and rejects later ones. */
  close(): void {
    this.closed = true;
    this.interrupt('fetch', new ClosedError());
    this.interrupt('poll', new ClosedError());
  }

  private controllerOf(purpose: RefreshPurpose): AbortController {
    let controller = this.controllers.get(purpose);
    if (controller === undefined) {
      controller = new AbortController();
      // Every leg of every running refresh listens to it.
      setMaxListeners(0, controller.signal);
      this.controllers.set(purpose, controller);
    }
    return controller;
  }

  private cycle(signal: AbortSignal, purpose: RefreshPurpose): Promise<void> {
    const { secondary, configFetchHedgeDelayMs } = this.options;
    return new Promise((resolve, reject) => {
      let running = 0;
      let succeeded = false;
      let hedge: NodeJS.Timeout | undefined;
      let pendingSecondary = secondary;

      const run = async (leg: Leg, endpoint: ConfigEndpoint): Promise<void> => {
        running++;
        let failure: unknown;
        try {
          const installed = await this.queryLeg(leg, endpoint, signal, purpose, {
            onSuccess: () => clearTimeout(hedge),
            onErrorStatus: failOver,
          });
          succeeded = true;
          if (installed) resolve();
        } catch (error) {
          failure = error;
          failOver();
        }
        if (--running > 0) return;
        if (succeeded) resolve();
        else reject(failure);
      };
      const querySecondary = (): boolean => {
        clearTimeout(hedge);
        if (pendingSecondary === undefined || signal.aborted) return false;
        const endpoint = pendingSecondary;
        pendingSecondary = undefined;
        void run('secondary', endpoint);
        return true;
      };

      const failOver = (): void => {
        if (!querySecondary()) return;
        this.options.sink.changed({ type: 'failed_over' });
      };

      if (pendingSecondary !== undefined) {
        hedge = setTimeout(() => {
          if (!querySecondary()) return;
          this.options.sink.changed({ type: 'hedged' });
        }, configFetchHedgeDelayMs).unref();
      }
      void run('primary', this.options.primary);
    });
  }

  /** Returns whether the leg installed an envelope. */
  private async queryLeg(
    leg: Leg,
    endpoint: ConfigEndpoint,
    signal: AbortSignal,
    purpose: RefreshPurpose,
    { onSuccess, onErrorStatus }: { onSuccess: () => void; onErrorStatus: () => void },
  ): Promise<boolean> {
    const { sink } = this.options;
    const sender: Sender = { source: purpose, leg, url: endpoint.url };
    try {
      const fetched = await endpoint.fetchConfigs(signal, onErrorStatus);
      signal.throwIfAborted();
      onSuccess();
      if (fetched.status === 'unchanged') {
        sink.unchanged(sender);
        return false;
      }
      const verdict = await sink.received(fetched.envelope, sender);
      // An unversioned envelope must be sent again: the other leg or a later refresh may still need it.
      if (verdict !== 'unversioned') fetched.accepted();
      return verdict === 'install';
    } catch (error) {
      if (!signal.aborted) sink.failed(sender, error);
      throw error;
    }
  }
}
