/** What the poller is about: nothing, waiting for the stream to deliver, or polling. */
export type PollMode = 'idle' | 'waiting' | 'polling';

/** Why polling begins. */
export type PollReason = 'no_stream' | 'never_delivered' | 'silent' | 'refused';

export type PollEvent =
  /** The first configs are there, or a suspension is over. */
  | 'started'
  /** The stream brought configs, as it does on every connect. One that is merely accepted is no stream. */
  | 'stream_delivered'
  /** The connection that delivered is over. */
  | 'stream_lost'
  /** An attempt of the stream to connect failed. */
  | 'stream_failed'
  /** The wait for the stream is over. */
  | 'waited'
  /** The stream is refused and not asked again. */
  | 'stream_refused'
  /** The refusal was lifted. */
  | 'refusal_lifted';

export interface PollSituation {
  readonly mode: PollMode;
  /** Whether the stream has ever delivered. */
  readonly everDelivered: boolean;
  readonly refused: boolean;
}

export interface PollPolicy {
  /** Whether polling is wanted at all. */
  readonly enabled: boolean;
  /** Whether there is a stream to fall back from. */
  readonly streamEnabled: boolean;
  readonly onTerminalFailure: 'stop' | 'poll';
}

export interface PollStep {
  readonly situation: PollSituation;
  /** Present when polling begins. */
  readonly engage?: {
    readonly reason: PollReason;
    /** `when_stale`: at once if the last refresh is older than one interval, else one interval from now. */
    readonly firstPoll: 'at_once' | 'when_stale';
  };
}

/** What the poller does next. Only decides: it holds no timer and reads no clock. */
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

/** A key that the stream refuses is refused by the other endpoints too: polling would only move the storm. */
function refused(now: PollSituation, policy: PollPolicy): PollStep {
  if (policy.onTerminalFailure === 'stop') return { situation: { ...now, mode: 'idle' } };
  return polling(now, policy, { reason: 'refused', firstPoll: 'at_once' });
}

/** A wait under way goes on, and so does polling. */
function waiting(now: PollSituation, { enabled }: PollPolicy): PollStep {
  const mode = now.mode === 'idle' && enabled ? 'waiting' : now.mode;
  return { situation: { ...now, mode } };
}

function polling(
  now: PollSituation,
  { enabled }: PollPolicy,
  engage: NonNullable<PollStep['engage']>,
): PollStep {
  if (!enabled || now.mode === 'polling') return { situation: now };
  return { situation: { ...now, mode: 'polling' }, engage };
}
