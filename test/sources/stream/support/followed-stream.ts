import { SdkKey } from '../../../../lib/requests/index.js';
import { DeliveryRecord } from '../../../../lib/delivery/delivery-record.js';
import type { LoadedEnvelope } from '../../../../lib/model/index.js';
import type { SourceChange } from '../../../../lib/sources/source-sink.js';
import {
  type SseReconnectOptions,
  SseReconnectService,
} from '../../../../lib/sources/stream/sse-reconnect.service.js';
import type { StreamState } from '../../../../lib/sources/stream/stream-state.js';
import { SDK_KEY } from '../../../support/delivery-server.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

export type FollowOptions = Partial<Omit<SseReconnectOptions, 'sink'>> & {
  url: string;
  /** Called for an envelope before it counts as received. */
  onEnvelope?: (envelope: LoadedEnvelope) => void | Promise<void>;
  /** Called for every change, after it is recorded. */
  onChange?: (change: SourceChange) => void;
};

/** A stream service whose sink records everything it receives. */
export class FollowedStream {
  readonly log = new RecordingLogger();
  readonly record = new DeliveryRecord();
  readonly states: StreamState[] = [];
  readonly versions: string[] = [];
  readonly refusals: { status: number; host: string }[] = [];
  /** States and refusals in the order in which they were sent. */
  readonly edges: string[] = [];
  readonly service: SseReconnectService;

  constructor({ onEnvelope, onChange, ...options }: FollowOptions) {
    this.service = new SseReconnectService({
      sdkKey: new SdkKey(SDK_KEY),
      keySource: 'the option sdkKey',
      sdkVersion: 'nestjs-9.9.9',
      sseReadDeadlineMs: 90_000,
      maxEnvelopeBytes: 1_000_000,
      // The middle of the jitter: the delay is its base.
      random: () => 0.5,
      logger: this.log,
      currentConfigs: () => [],
      ...options,
      sink: {
        received: async (envelope: LoadedEnvelope) => {
          this.versions.push(envelope.meta.version);
          await onEnvelope?.(envelope);
          return 'install';
        },
        unchanged: () => undefined,
        failed: (_, reason) => this.record.recordFailure(reason as string),
        changed: (change) => {
          this.record.recordChange(change);
          this.note(change);
          onChange?.(change);
        },
      },
    });
  }

  get restarts() {
    return this.record.counters.restarts.stream;
  }

  get connectAttempts(): number {
    return this.record.counters.connectAttempts;
  }

  get lastError(): string | undefined {
    return this.record.counters.lastError;
  }

  private note(change: SourceChange): void {
    if (change.type === 'stream') {
      this.states.push(change.state);
      this.edges.push(change.state);
    } else if (change.type === 'refused') {
      const { status, host } = change;
      this.refusals.push({ status, host });
      this.edges.push(`refused ${status}`);
    }
  }
}
