import { isJsonObject } from '../../model/index.js';
import { isRefusal } from '../../requests/index.js';
import { peerInvalid } from './cluster.messages.js';
import { LinkError } from './link-error.js';

const STATES = ['initializing', 'connected', 'falling_back', 'disconnected'] as const;

/** What a leader says about its source, with every change and as a heartbeat. */
export interface LeaderStatus {
  /** Whether its configs follow the source. */
  readonly state: (typeof STATES)[number];
  /** When its configs were last known to be current, in ms since 1970; `null` before the first time. */
  readonly refreshedAt: number | null;
  /** The refusal of its stream, while it lasts. */
  readonly refusal: { readonly status: number; readonly host: string } | null;
  /** URL of an API that refused the SDK key, while the leader has no configs. Older leaders do not send it. */
  readonly refusedBy?: string | null;
  /** Why its last failed refresh or connection failed. */
  readonly lastError: string | null;
  /** Interval of its heartbeats, in ms. */
  readonly heartbeatMs: number;
}

/** @throws {LinkError} `invalid`: it is not a status */
export function leaderStatusIn(candidate: Record<string, unknown>): LeaderStatus {
  const { state, refreshedAt, refusal, refusedBy = null, lastError, heartbeatMs } = candidate;
  const valid =
    STATES.includes(state as LeaderStatus['state']) &&
    (refreshedAt === null || Number.isFinite(refreshedAt)) &&
    (refusal === null ||
      (isJsonObject(refusal) &&
        isRefusal(refusal['status']) &&
        typeof refusal['host'] === 'string')) &&
    (refusedBy === null || typeof refusedBy === 'string') &&
    (lastError === null || typeof lastError === 'string') &&
    Number.isFinite(heartbeatMs);
  if (!valid) throw new LinkError('invalid', peerInvalid);
  return candidate as unknown as LeaderStatus;
}
