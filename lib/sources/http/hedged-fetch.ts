import { setMaxListeners } from 'node:events';
import { ClosedError } from '../../errors/index.js';
import type { GuardVerdict, LoadedEnvelope } from '../../model/index.js';
import type { ConfigEndpoint } from './config-endpoint.js';
import { untilAborted } from '../../requests/index.js';

/** Which of the addresses. */
export type Leg = 'primary' | 'secondary';

/** What a refresh is for: asked for by somebody, or a poll. */
export type RefreshPurpose = 'fetch' | 'poll';

export interface HedgedFetchOptions {
  readonly primary: ConfigEndpoint;
  /** Absent when there is only one address. */
  readonly secondary: ConfigEndpoint | undefined;
  /** How long the primary is left alone before the secondary is asked too, in ms. */
  readonly configFetchHedgeDelayMs: number;
  /**
   * Offers an envelope to the install guard. What it throws or rejects with makes the leg fail.
   *
   * @param installing to be called right before the install, if there is one
   */
  offer(
    envelope: LoadedEnvelope,
    leg: Leg,
    purpose: RefreshPurpose,
    installing: () => void,
  ): GuardVerdict | Promise<GuardVerdict>;
  /** A leg says that it has nothing new. */
  unchanged?(leg: Leg): void;
  /** A leg failed, whether or not the refresh is over or another leg makes up for it. */
  failed?(leg: Leg, error: unknown): void;
  /** `installsFrom`, `hedgesFired` or `failoversFired` has just grown. */
  counted?(): void;
}

/**
 * Refreshes over HTTP: asks the primary, and the secondary as well when the primary fails or takes long. Refreshes may
 * overlap.
 */
export class HedgedFetch {
  private readonly stops: Record<RefreshPurpose, AbortController> = {
    fetch: newStop(),
    poll: newStop(),
  };
  private closed = false;
  private installedFrom: Leg | '' = '';
  private readonly installs: Record<Leg, number> = { primary: 0, secondary: 0 };
  private hedges = 0;
  private failovers = 0;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: HedgedFetchOptions) {}

  /** The leg of the latest install; empty before the first. */
  get resolvedFrom(): Leg | '' {
    return this.installedFrom;
  }

  /** How many sets were installed from each leg. */
  get installsFrom(): Readonly<Record<Leg, number>> {
    return { ...this.installs };
  }

  /** How often the secondary was asked because the primary took long. */
  get hedgesFired(): number {
    return this.hedges;
  }

  /** How often the secondary was asked because the primary failed. */
  get failoversFired(): number {
    return this.failovers;
  }

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
        this.failovers++;
        this.options.counted?.();
      };

      if (standby !== undefined) {
        hedge = setTimeout(() => {
          if (!askStandby()) return;
          this.hedges++;
          this.options.counted?.();
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
    try {
      const fetched = await endpoint.fetchConfigs(signal, failing);
      signal.throwIfAborted();
      answered();
      if (fetched.status === 'unchanged') {
        this.options.unchanged?.(leg);
        return false;
      }
      const verdict = await this.options.offer(fetched.envelope, leg, purpose, () => {
        // Before the install, so that whoever hears of it is told.
        this.installedFrom = leg;
        this.installs[leg]++;
        this.options.counted?.();
      });
      // One that is ignored must come again: the other leg, or a later refresh, may still need it.
      if (verdict !== 'unversioned') fetched.accepted();
      return verdict === 'install';
    } catch (error) {
      if (!signal.aborted) this.options.failed?.(leg, error);
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
