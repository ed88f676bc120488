import type { LoadedEnvelope, StoredConfig } from '../../model/index.js';
import type { SourceLogger } from '../source-logger.js';
import type { Origin, SourceChange, SourceSink } from '../source-sink.js';
import { FreezeWatch } from '../freeze-watch.js';
import type { StreamEndpoint } from './open-stream.js';
import { reconnectDelay } from './reconnect-delay.js';
import { type ConnectionEnd, SseConnection } from './sse-connection.js';
import {
  callbackFailed,
  eventDropped,
  processFrozen,
  streamDelivering,
  streamEnded,
  streamFailed,
  streamRefused,
} from './sse-reconnect.messages.js';
import { stackText } from '../../errors/stack-text.js';
import { type FailureKind, StreamFailure } from './stream-failure.js';
import type { RestartReason, StreamState } from './stream-state.js';

export interface SseReconnectOptions extends StreamEndpoint {
  /** How long a connection may be silent, from the request on, in ms. */
  readonly sseReadDeadlineMs: number;
  /** The largest event, finished or not, in bytes. */
  readonly maxEnvelopeBytes: number;
  /** A number from 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly logger: SourceLogger;
  readonly sink: SourceSink;
  /** The current configs, most of which arrive again. */
  currentConfigs(): Iterable<StoredConfig>;
}

/**
 * Follows the event stream of Quonfig for as long as it is not closed: connects, and connects again after every end, with
 * growing waits. Only a refusal (status 401, 403, 404) ends that, until `reconnect()`.
 *
 * @publicApi
 */
export class SseReconnectService {
  private readonly host: string;
  private readonly origin: Origin;
  private readonly freezeWatch = new FreezeWatch((frozenMs) => this.whenWoken(frozenMs));
  private connection: SseConnection | undefined;
  private connectionOver: Promise<void> = Promise.resolve();
  private retryTimer: NodeJS.Timeout | undefined;
  private reported: StreamState | undefined;
  private refused = false;
  private closed = false;
  private lastEventId = '';
  /** Failures in a row without an envelope. */
  private failures = 0;
  /** What sorts of failures were warned of since the last envelope. */
  private readonly warnedOf = new Set<FailureKind>();
  private deliveredBefore = false;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: SseReconnectOptions) {
    this.host = new URL(options.url).host;
    this.origin = { source: 'stream', url: options.url };
  }

  /** The state last reported; `undefined` before the first start. */
  get state(): StreamState | undefined {
    return this.reported;
  }

  /** Whether the stream was refused and is not asked again. */
  get terminal(): boolean {
    return this.refused;
  }

  /** Begins to follow the stream, also again after `stop()`. Does nothing when begun, refused or closed. */
  start(): void {
    const begun = this.connection !== undefined || this.retryTimer !== undefined;
    if (begun || this.refused || this.closed) return;
    this.freezeWatch.start();
    this.connect();
  }

  /** Lifts a refusal, and connects at once unless it is connected. An attempt that hangs is given up. */
  reconnect(): void {
    if (this.closed || this.reported === 'connected') return;
    this.dropConnection();
    this.refused = false;
    this.failures = 0;
    this.cancelRetry();
    this.start();
  }

  /** Stops following the stream until `start()`. The state is `disconnected` at once. */
  async stop(): Promise<void> {
    this.dropConnection();
    this.cancelRetry();
    this.freezeWatch.stop();
    if (this.reported !== undefined) this.report('disconnected');
    await this.connectionOver;
  }

  /** Stops for good: no timer, no socket, and no callback after the state `disconnected`. Safe to call again. */
  async close(): Promise<void> {
    this.closed = true;
    await this.stop();
  }

  private connect(): void {
    this.cancelRetry();
    const connection = new SseConnection({
      endpoint: this.options,
      lastEventId: this.lastEventId,
      sseReadDeadlineMs: this.options.sseReadDeadlineMs,
      maxEnvelopeBytes: this.options.maxEnvelopeBytes,
      logger: this.options.logger,
      currentConfigs: () => this.options.currentConfigs(),
      connected: () => this.report('connected'),
      dropped: (reason) => this.whenDropped(reason),
      envelope: (envelope, eventId) => this.receive(connection, envelope, eventId),
    });
    this.connection = connection;
    this.report('connecting');
    // The callback may have stopped or closed the stream.
    if (this.connection !== connection) return;
    this.send({ type: 'connecting' });
    this.connectionOver = this.follow(connection);
  }

  private dropConnection(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.interrupt(new StreamFailure('closed', ''));
  }

  private async follow(connection: SseConnection): Promise<void> {
    const end = await connection.run();
    if (this.connection === connection) this.whenOver(end);
  }

  private async receive(
    connection: SseConnection,
    envelope: LoadedEnvelope,
    id?: string,
  ): Promise<void> {
    await this.options.sink.received(envelope, this.origin);
    if (this.connection !== connection) return;
    this.send({ type: 'delivered' });
    // Only the id of what was taken in: else a server that heeds it could leave out what was dropped.
    if (id !== undefined) this.lastEventId = id;
    if (!this.deliveredBefore || this.warnedOf.size > 0) {
      this.options.logger.info?.(streamDelivering(this.host));
    }
    this.deliveredBefore = true;
    this.failures = 0;
    this.warnedOf.clear();
  }

  private whenDropped(reason: string): void {
    const text = eventDropped(this.host, reason);
    this.warn('unusable', text);
    this.fail(text);
  }

  private whenOver({ failure, delivered }: ConnectionEnd): void {
    this.connection = undefined;
    if (failure?.kind === 'refused') {
      this.whenRefused(failure);
      return;
    }
    const reason = restartReason(failure);
    this.send({ type: 'restarting', reason });
    if (delivered) this.failures = 0;
    const waitMs =
      failure?.kind === 'frozen'
        ? 0
        : reconnectDelay(this.failures, this.chance(), failure?.retryAfterMs);
    const grows = failure !== undefined && !(delivered && reason === 'read_timeout');
    if (grows) this.failures++;
    this.tell(failure, waitMs);
    this.retryTimer = setTimeout(() => this.connect(), waitMs).unref();
    this.report(failure === undefined ? 'connecting' : 'error');
  }

  private whenRefused({ status = 0, message }: StreamFailure): void {
    this.refused = true;
    this.freezeWatch.stop();
    this.fail(`${this.host}: ${message}`);
    this.options.logger.error(streamRefused(this.host, status));
    this.send({ type: 'refused', status, host: this.host });
    // The callback may have lifted the refusal, stopped or closed the stream.
    if (this.refused && this.reported !== 'disconnected') this.report('error');
  }

  private whenWoken(frozenMs: number): void {
    if (this.connection !== undefined) {
      this.connection.interrupt(new StreamFailure('frozen', processFrozen(frozenMs)));
    } else if (this.retryTimer !== undefined) {
      this.failures = 0;
      this.connect();
    }
  }

  private tell(failure: StreamFailure | undefined, waitMs: number): void {
    if (failure === undefined) {
      this.options.logger.debug?.(streamEnded(this.host, waitMs));
      return;
    }
    this.fail(`${this.host}: ${failure.message}`);
    this.warn(failure.kind, streamFailed(this.host, failure.message, waitMs));
  }

  /** Once of each kind until an envelope comes. */
  private warn(kind: FailureKind, text: string): void {
    const { logger } = this.options;
    if (this.warnedOf.has(kind)) logger.debug?.(text);
    else logger.warn(text);
    this.warnedOf.add(kind);
  }

  private report(state: StreamState): void {
    if (this.reported === state) return;
    this.reported = state;
    this.send({ type: 'stream', state });
  }

  private fail(message: string): void {
    this.guard('failed', () => this.options.sink.failed(this.origin, message));
  }

  private send(change: SourceChange): void {
    this.guard(change.type, () => this.options.sink.changed(change));
  }

  /** Subscribers of the sink must not be able to end the stream. */
  private guard(name: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.options.logger.error(callbackFailed(name, stackText(error)));
    }
  }

  private cancelRetry(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
  }

  private chance(): number {
    try {
      return this.options.random();
    } catch {
      return 0.5;
    }
  }
}

function restartReason(failure: StreamFailure | undefined): RestartReason {
  switch (failure?.kind) {
    case undefined:
    case 'empty':
      return 'worker_exit';
    case 'silent':
    case 'frozen':
      return 'read_timeout';
    default:
      return 'worker_throw';
  }
}
