import { setMaxListeners } from 'node:events';
import { ClosedError } from '../../errors/index.js';
import type { ConfigEndpoint } from './config-endpoint.js';
import { untilAborted } from '../../requests/index.js';
import type { Leg, Origin, RefreshPurpose, SourceSink } from '../source-sink.js';

export interface HedgedFetchOptions {
  readonly primary: ConfigEndpoint;
  /** Absent when there is only one API. */
  readonly secondary: ConfigEndpoint | undefined;
  /** Delay before the secondary is also queried, in ms. */
  readonly configFetchHedgeDelayMs: number;
  readonly sink: SourceSink;
}

/**
 * Refreshes over HTTP: asks the primary, and the secondary as well when the primary fails or takes long. Refreshes may
 * overlap.
 *
 * @publicApi
 */
export class HedgedFetch {
  private readonly stops: Record<RefreshPurpose, AbortController> = {
    fetch: newStop(),
    poll: newStop(),
  };
  private closed = false;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: HedgedFetchOptions) {}

  /**
   * Resolves at the first install, or when all legs that were asked are done and at least one of them answered. Legs that
   * are still open then go on, and may install later.
   *
   * @throws the last error when all legs fail; ClosedError after `close()`
   */
  async refresh(purpose: RefreshPurpose = 'fetch'): Promise<void> {
    if (this.closed) throw new ClosedError();
    const { signal } = this.stops[purpose];
    await untilAborted(signal, this.cycle(signal, purpose));
  }

  /** Ends what is under way for this purpose: refreshes reject with the reason, and nothing of them is offered any more. */
  interrupt(purpose: RefreshPurpose, reason: Error): void {
    const stop = this.stops[purpose];
    this.stops[purpose] = newStop();
    stop.abort(reason);
  }

  /** Ends everything for good. */
  close(): void {
    this.closed = true;
    this.interrupt('fetch', new ClosedError());
    this.interrupt('poll', new ClosedError());
  }

  private cycle(signal: AbortSignal, purpose: RefreshPurpose): Promise<void> {
    const { secondary, configFetchHedgeDelayMs } = this.options;
    return new Promise((resolve, reject) => {
      let open = 0;
      let answered = false;
      let hedge: NodeJS.Timeout | undefined;
      let standby = secondary;

      const run = async (leg: Leg, endpoint: ConfigEndpoint): Promise<void> => {
        open++;
        let failure: unknown;
        try {
          const installed = await this.ask(leg, endpoint, signal, purpose, {
            answered: () => clearTimeout(hedge),
            failing: failOver,
          });
          answered = true;
          if (installed) resolve();
        } catch (error) {
          failure = error;
          failOver();
        }
        if (--open > 0) return;
        if (answered) resolve();
        else reject(failure);
      };
      const askStandby = (): boolean => {
        clearTimeout(hedge);
        if (standby === undefined || signal.aborted) return false;
        const endpoint = standby;
        standby = undefined;
        void run('secondary', endpoint);
        return true;
      };

      const failOver = (): void => {
        if (!askStandby()) return;
        this.options.sink.changed({ type: 'failed_over' });
      };

      if (standby !== undefined) {
        hedge = setTimeout(() => {
          if (!askStandby()) return;
          this.options.sink.changed({ type: 'hedged' });
        }, configFetchHedgeDelayMs).unref();
      }
      void run('primary', this.options.primary);
    });
  }

  /** Whether the leg installed something. */
  private async ask(
    leg: Leg,
    endpoint: ConfigEndpoint,
    signal: AbortSignal,
    purpose: RefreshPurpose,
    { answered, failing }: { answered: () => void; failing: () => void },
  ): Promise<boolean> {
    const { sink } = this.options;
    const origin: Origin = { source: purpose, leg, url: endpoint.address };
    try {
      const fetched = await endpoint.fetchConfigs(signal, failing);
      signal.throwIfAborted();
      answered();
      if (fetched.status === 'unchanged') {
        sink.unchanged(origin);
        return false;
      }
      const verdict = await sink.received(fetched.envelope, origin);
      // An ignored envelope must be sent again: the other leg, or a later refresh, may still need it.
      if (verdict !== 'unversioned') fetched.accepted();
      return verdict === 'install';
    } catch (error) {
      if (!signal.aborted) sink.failed(origin, error);
      throw error;
    }
  }
}

/** Every leg of every refresh under way listens to it. */
function newStop(): AbortController {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  return stop;
}
