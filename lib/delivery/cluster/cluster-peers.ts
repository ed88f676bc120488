import { HANDSHAKE_MS } from '../../sources/cluster/handshake.js';
import { LeaderLink } from '../../sources/cluster/leader-link.js';
import type { LeaderStatus } from '../../sources/cluster/leader-status.js';
import type { MeetingPlace } from '../../sources/cluster/socket-place.js';
import type { ConfigStore } from '../../store/index.js';
import type { TerminalFailure } from '../delivery.js';
import type { EnvelopeIntake } from '../envelope-intake.js';
import type { NetworkDelivery } from '../network-delivery.js';
import type { NetworkSettings } from '../network-settings.js';
import { isPreferred } from './cluster-role.js';
import { LeaderServer } from './leader-server.js';

/** So that a start is in time even if a leading process does not answer. */
const HANDSHAKES_PER_LOAD = 3;
const MAX_HEARTBEAT_MS = 10_000;
const HEARTBEATS_PER_DEADLINE = 6;
/** A leader that is silent for this part of the read deadline hangs. Another one leads before the deadline has passed. */
const SILENCE_PER_DEADLINE = 0.5;
const MAX_ERROR_LENGTH = 2_000;

export interface ClusterPeersOptions {
  readonly network: NetworkDelivery;
  readonly store: ConfigStore;
  readonly intake: EnvelopeIntake;
  readonly place: MeetingPlace;
  readonly settings: NetworkSettings;
  readonly initTimeout: number;
}

/** Creates both ends of a connection between a follower and its leader. */
export class ClusterPeers {
  /** Whether this process leads in preference to others. */
  readonly preferred = isPreferred();
  private lastRefusal: TerminalFailure | undefined;

  constructor(private readonly options: ClusterPeersOptions) {
    options.intake.terminalFailure$.subscribe((refusal) => (this.lastRefusal = refusal));
  }

  createLink(): LeaderLink {
    const { place, settings, store, initTimeout } = this.options;
    return new LeaderLink({
      path: place.path,
      sdkKey: settings.sdkKey,
      preferred: this.preferred,
      maxEnvelopeBytes: settings.maxEnvelopeBytes,
      handshakeMs: Math.min(HANDSHAKE_MS, initTimeout / HANDSHAKES_PER_LOAD),
      silenceMs: settings.sseReadDeadlineMs * SILENCE_PER_DEADLINE,
      currentConfig: (key) => store.current?.stored(key),
    });
  }

  createServer(): LeaderServer {
    const { place, settings, store, network } = this.options;
    const { sdkKey, sseReadDeadlineMs } = settings;
    const heartbeatMs = Math.min(sseReadDeadlineMs / HEARTBEATS_PER_DEADLINE, MAX_HEARTBEAT_MS);
    return new LeaderServer({
      place,
      sdkKey,
      preferred: this.preferred,
      store,
      heartbeatMs,
      deadlineMs: sseReadDeadlineMs,
      status: () => this.statusFor(heartbeatMs),
      onReconnect: () => {
        if (network.terminalFailure) void network.reconnect();
      },
    });
  }

  private statusFor(heartbeatMs: number): LeaderStatus {
    const { network, store, intake } = this.options;
    const { lastError } = network.counters;
    const [refusedBy = null] = store.current === undefined ? intake.record.refusals : [];
    return {
      state: network.connectionState,
      refreshedAt: network.lastSuccessfulRefresh?.getTime() ?? null,
      refusal: network.terminalFailure ? (this.lastRefusal ?? null) : null,
      refusedBy,
      lastError: lastError?.slice(0, MAX_ERROR_LENGTH) ?? null,
      heartbeatMs,
    };
  }
}
