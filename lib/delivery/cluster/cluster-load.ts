import { Subscription, take } from 'rxjs';
import { ClosedError, InitializationTimeoutError } from '../../errors/index.js';
import type { SourceLogger } from '../../sources/source-logger.js';
import type { ConfigStore } from '../../store/index.js';
import { configsArrived, firstLoadFailed, raiseInitTimeout } from '../delivery.messages.js';
import type { EnvelopeIntake } from '../envelope-intake.js';
import { withinInitTimeout } from '../init-policy.js';
import type { NetworkDelivery } from '../network-delivery.js';
import { noConfigsFromLeader } from './cluster.messages.js';
import type { ClusterMember } from './cluster-member.js';
import type { FollowedLeader } from './followed-leader.js';

export interface ClusterLoadOptions {
  readonly network: NetworkDelivery;
  readonly store: ConfigStore;
  readonly intake: EnvelopeIntake;
  readonly member: ClusterMember;
  readonly leader: FollowedLeader;
  /** Path of the leader's socket, for messages. */
  readonly path: string;
  readonly initTimeout: number;
  readonly logger: SourceLogger;
  /** Ends the load. */
  readonly closed: AbortSignal;
  /** Whether this process uses its own network delivery now. */
  usesNetwork(): boolean;
}

/**
 * The first load of a process that shares a network delivery: from its leader, or over the network if it leads or is alone. Saved
 * configs stand in for the leader as they do for the network.
 */
export class ClusterLoad {
  constructor(private readonly options: ClusterLoadOptions) {}

  /** With `preferCache`, the first configs start the process, saved ones or those of a leader. The others may follow. */
  async run(): Promise<void> {
    const { logger, network, initTimeout } = this.options;
    const { lastKnownGood } = network;
    const shared = this.loadShared();
    if (lastKnownGood?.preferred) {
      lastKnownGood.read(initTimeout);
      const isShared = shared.then(() => false);
      if (await Promise.race([lastKnownGood.install(), isShared])) {
        shared.catch((error: unknown) => {
          if (!(error instanceof ClosedError)) logger.warn(firstLoadFailed(error));
        });
        return;
      }
    }
    await shared;
  }

  /** One deadline holds for all of it: the election, the configs of a leader, and the network. */
  private async loadShared(): Promise<void> {
    const { store, leader, member, network, intake, initTimeout } = this.options;
    const end = performance.now() + initTimeout;
    const remainingMs = (): number => Math.max(end - performance.now(), 0);
    const usesNetwork = (): boolean => this.options.usesNetwork();
    let asksNetwork = false;
    try {
      await this.until(() => member.role !== 'seeking', remainingMs());
      asksNetwork = usesNetwork();
      if (!asksNetwork) {
        await intake.record.timings.timed('load', () =>
          this.until(() => store.current !== undefined || usesNetwork(), remainingMs()),
        );
        // Otherwise, this process leads now.
        asksNetwork = store.current === undefined;
      }
      if (asksNetwork) await network.load(remainingMs());
    } catch (error) {
      // The network delivery has done the same after its own first load.
      if (asksNetwork) throw error;
      if (await network.lastKnownGood?.substitute(error, leader.refusedBy)) return;
      this.logLateConfigs(error);
      throw error;
    }
  }

  private logLateConfigs(error: unknown): void {
    const { store, logger } = this.options;
    if (error instanceof ClosedError) return;
    store.updates$
      .pipe(take(1))
      .subscribe(() => logger.info?.(configsArrived(store.current?.size ?? 0)));
  }

  /** Waits for something that only an install or another role of this process can bring about. */
  private async until(isTrue: () => boolean, ms: number): Promise<void> {
    if (isTrue()) return;
    const { store, member } = this.options;
    const waiting = new Subscription();
    const arrival = new Promise<void>((resolve) => {
      const check = (): void => {
        if (isTrue()) resolve();
      };
      waiting.add(store.updates$.subscribe(check));
      waiting.add(member.role$.subscribe(check));
    });
    await this.inTime(() => arrival, ms).finally(() => waiting.unsubscribe());
  }

  private inTime(wait: () => Promise<void>, ms: number): Promise<void> {
    return withinInitTimeout(wait, ms, {
      signal: this.options.closed,
      expired: () => this.timeoutError(),
    });
  }

  private timeoutError(): Error {
    const { initTimeout, path, leader } = this.options;
    const reason = noConfigsFromLeader(leader.lastError);
    const causes = [{ url: path, reason, remedies: [raiseInitTimeout] }];
    return new InitializationTimeoutError(initTimeout, { attempts: 1, causes });
  }
}
