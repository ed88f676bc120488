/** The poller is idle, waits for the stream to deliver, or polls. */
export type PollMode = 'idle' | 'waiting' | 'polling';

/** Why polling starts. */
export type PollReason = 'no_stream' | 'never_delivered' | 'silent' | 'refused';

export type PollEvent =
  /** The poller was started: the first configs have arrived, or a suspension has ended. */
  | 'started'
  /** The stream delivered configs, as it does on every connect. An open connection without configs does not count. */
  | 'stream_delivered'
  /** A connection that had delivered has ended. */
  | 'stream_lost'
  /** The stream failed to connect. */
  | 'stream_failed'
  /** The wait for the stream has ended. */
  | 'waited'
  /** The stream was refused, and stays closed. */
  | 'stream_refused'
  /** The refusal was lifted. */
  | 'refusal_lifted';

export interface PollSituation {
  readonly mode: PollMode;
  /** Whether the stream has ever delivered. */
  readonly everDelivered: boolean;
  readonly refused: boolean;
}

/**
 * What happens if the server refuses the stream (401, 403, 404): the SDK makes no more requests, or polls.
 *
 * @publicApi
 */
export type OnTerminalFailure = 'stop' | 'poll';

export interface PollPolicy {
  /** Whether fallback polling is on. */
  readonly enabled: boolean;
  /** Whether the stream is on. */
  readonly streamEnabled: boolean;
  readonly onTerminalFailure: OnTerminalFailure;
}

export interface PollStep {
  readonly situation: PollSituation;
  /** Present if polling starts. */
  readonly pollingStart?: {
    readonly reason: PollReason;
    /** `when_stale`: immediately if the last refresh is older than one interval, otherwise one interval from now. */
    readonly firstPoll: 'at_once' | 'when_stale';
  };
}

/** Decides what the poller does next. A pure function, without timers or clocks. */
export function nextStep(now: PollSituation, event: PollEvent, policy: PollPolicy): PollStep {
  if (event === 'stream_refused') return refused({ ...now, refused: true }, policy);
  if (event === 'refusal_lifted') return waiting({ ...now, refused: false }, policy);
  if (now.refused) return event === 'started' ? refused(now, policy) : { situation: now };
  switch (event) {
    case 'started':
      return policy.streamEnabled
        ? waiting(now, policy)
        : polling(now, policy, { reason: 'no_stream', firstPoll: 'when_stale' });
    case 'stream_delivered':
      return { situation: { ...now, mode: 'idle', everDelivered: true } };
    case 'stream_lost':
      return waiting(now, policy);
    case 'stream_failed':
      return now.everDelivered
        ? waiting(now, policy)
        : polling(now, policy, { reason: 'never_delivered', firstPoll: 'when_stale' });
    case 'waited':
      return polling(now, policy, { reason: 'silent', firstPoll: 'at_once' });
  }
}

/** Stops by default: the other endpoints would refuse the same key, so polling would only add requests. */
function refused(now: PollSituation, policy: PollPolicy): PollStep {
  if (policy.onTerminalFailure === 'stop') return { situation: { ...now, mode: 'idle' } };
  return polling(now, policy, { reason: 'refused', firstPoll: 'at_once' });
}

/** Starts to wait, unless the poller already waits or polls. */
function waiting(now: PollSituation, { enabled }: PollPolicy): PollStep {
  const mode = now.mode === 'idle' && enabled ? 'waiting' : now.mode;
  return { situation: { ...now, mode } };
}

function polling(
  now: PollSituation,
  { enabled }: PollPolicy,
  pollingStart: NonNullable<PollStep['pollingStart']>,
): PollStep {
  if (!enabled || now.mode === 'polling') return { situation: now };
  return { situation: { ...now, mode: 'polling' }, pollingStart };
}
