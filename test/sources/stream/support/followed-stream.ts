import type { Envelope } from '../../../../lib/model/index.js';
import {
  type SseReconnectOptions,
  SseReconnectService,
} from '../../../../lib/sources/stream/sse-reconnect.service.js';
import type { StreamEvents, StreamState } from '../../../../lib/sources/stream/stream-state.js';
import { SDK_KEY } from '../../../support/delivery-server.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

export type FollowOptions = Partial<Omit<SseReconnectOptions, 'events'>> & {
  url: string;
  events?: Partial<StreamEvents>;
};

/** A stream service with a record of all that it says. */
export class FollowedStream {
  readonly log = new RecordingLogger();
  readonly states: StreamState[] = [];
  readonly versions: string[] = [];
  readonly eventIds: (string | undefined)[] = [];
  readonly refusals: { status: number; host: string }[] = [];
  /** States and refusals in the order in which they were told. */
  readonly edges: string[] = [];
  readonly service: SseReconnectService;

  constructor({ events, ...options }: FollowOptions) {
    this.service = new SseReconnectService({
      sdkKey: SDK_KEY,
      sdkVersion: 'nestjs-9.9.9',
      sseReadDeadlineMs: 90_000,
      maxEnvelopeBytes: 1_000_000,
      // The middle of the jitter: the delay is its base.
      random: () => 0.5,
      logger: this.log,
      held: () => [],
      ...options,
      events: {
        onEnvelope: (envelope: Envelope, eventId) => {
          this.versions.push(envelope.meta.version);
          this.eventIds.push(eventId);
          return events?.onEnvelope?.(envelope, eventId);
        },
        onDelivered: () => events?.onDelivered?.(),
        onState: (state) => {
          this.states.push(state);
          this.edges.push(state);
          return events?.onState?.(state);
        },
        onTerminal: (status, host) => {
          this.refusals.push({ status, host });
          this.edges.push(`refused ${status}`);
          events?.onTerminal?.(status, host);
        },
      },
    });
  }
}
