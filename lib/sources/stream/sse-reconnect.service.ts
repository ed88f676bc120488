import type { LoadedEnvelope, StoredConfig } from '../../model/index.js';
import { reconnectDelay } from '../../requests/index.js';
import type { SourceLogger } from '../source-logger.js';
import type { Sender, SourceChange, SourceSink } from '../source-sink.js';
import { FreezeWatch } from '../freeze-watch.js';
import type { StreamEndpoint } from './open-stream.js';
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
  /** Where the SDK key comes from, for messages, e.g. `the option sdkKey`. */
  readonly keySource: string;
  /** How long a connection may be silent, starting with the request, in ms. */
  readonly sseReadDeadlineMs: number;
  /** The maximum size of an event, complete or not, in bytes. */
  readonly maxEnvelopeBytes: number;
  /** Returns a number from 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly logger: SourceLogger;
  readonly sink: SourceSink;
  /** The current configs, most of which arrive again. */
  currentConfigs(): Iterable<StoredConfig>;
}

/**
 * Keeps a connection to Quonfig's event stream: it reconnects whenever the connection ends, with growing delays. After a
 * refusal (status 401, 403 or 404), it stays closed until `reconnect()`.
 *
 * @publicApi
 */
export class SseReconnectService {
  private readonly host: string;
  private readonly sender: Sender;
  private readonly freezeWatch = new FreezeWatch((frozenMs) => this.handleFreeze(frozenMs));
  private connection: SseConnection | undefined;
  private connectionEnded: Promise<void> = Promise.resolve();
  private retryTimer: NodeJS.Timeout | undefined;
  private lastState: StreamState | undefined;
  private refused = false;
  private closed = false;
  private lastEventId = '';
  /** Consecutive failures without an envelope. */
  private failures = 0;
  /** The kinds of failures logged as warnings since the last envelope. */
  private readonly warnedKinds = new Set<FailureKind>();
  private deliveredBefore = false;

  /** @internal The SDK creates its parts. */
  constructor(private readonly options: SseReconnectOptions) {
    this.host = new URL(options.url).host;
    this.sender = { source: 'stream', url: options.url };
  }

  /** The current state; `undefined` before the first start. */
  get state(): StreamState | undefined {
    return this.lastState;
  }

  /** Whether the stream was refused, and stays closed. */
  get terminal(): boolean {
    return this.refused;
  }

  /** Connects, also again after `stop()`. Does nothing if already started, refused or closed. */
  start(): void {
    const started = this.connection !== undefined || this.retryTimer !== undefined;
    if (started || this.refused || this.closed) return;
    this.freezeWatch.start();
    this.connect();
  }

  /** Lifts a refusal, and reconnects immediately unless connected. A pending attempt is aborted. */
  reconnect(): void {
    if (this.closed || this.lastState === 'connected') return;
    this.dropConnection();
    this.refused = false;
    this.failures = 0;
    this.cancelRetry();
    this.start();
  }

  /** Disconnects until `start()`. The state is `disconnected` immediately; the promise resolves once the connection has ended. */
  async stop(): Promise<void> {
    this.dropConnection();
    this.cancelRetry();
    this.freezeWatch.stop();
    if (this.lastState !== undefined) this.setState('disconnected');
    await this.connectionEnded;
  }

  /** Disconnects permanently: no timer, no socket, and no callback after the state `disconnected`. Idempotent. */
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
      onConnected: () => this.setState('connected'),
      onDropped: (reason) => this.handleDropped(reason),
      onEnvelope: (envelope, eventId) => this.receive(connection, envelope, eventId),
    });
    this.connection = connection;
    this.setState('connecting');
    // A subscriber may have stopped or closed the stream.
    if (this.connection !== connection) return;
    this.emit({ type: 'connecting' });
    this.connectionEnded = this.runConnection(connection);
  }

  private dropConnection(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.interrupt(new StreamFailure('closed', ''));
  }

  private async runConnection(connection: SseConnection): Promise<void> {
    const end = await connection.run();
    if (this.connection === connection) this.handleEnd(end);
  }

  private async receive(
    connection: SseConnection,
    envelope: LoadedEnvelope,
    id?: string,
  ): Promise<void> {
    await this.options.sink.received(envelope, this.sender);
    if (this.connection !== connection) return;
    this.emit({ type: 'delivered' });
    // Keep the ids of accepted events only, or else a server that resumes by id could skip a dropped one.
    if (id !== undefined) this.lastEventId = id;
    if (!this.deliveredBefore || this.warnedKinds.size > 0) {
      this.options.logger.info?.(streamDelivering(this.host));
    }
    this.deliveredBefore = true;
    this.failures = 0;
    this.warnedKinds.clear();
  }

  private handleDropped(reason: string): void {
    const message = eventDropped(this.host, reason);
    this.warn('invalid_event', message);
    this.reportFailure(message);
  }

  private handleEnd({ failure, delivered, retryMs }: ConnectionEnd): void {
    this.connection = undefined;
    if (failure?.kind === 'refused') {
      this.handleRefusal(failure);
      return;
    }
    const reason = restartReason(failure);
    this.emit({ type: 'restarting', reason });
    if (delivered) this.failures = 0;
    const waitMs =
      failure?.kind === 'frozen'
        ? 0
        : reconnectDelay(this.failures, this.options.random, failure?.retryAfterMs ?? retryMs);
    const grows = failure !== undefined && !(delivered && reason === 'read_timeout');
    if (grows) this.failures++;
    this.logEnd(failure, waitMs);
    this.retryTimer = setTimeout(() => this.connect(), waitMs).unref();
    this.setState(failure === undefined ? 'connecting' : 'error');
  }

  private handleRefusal({ status = 0, message }: StreamFailure): void {
    this.refused = true;
    this.freezeWatch.stop();
    this.reportFailure(`${this.host}: ${message}`);
    this.options.logger.error(streamRefused(this.host, status, this.options.keySource));
    this.emit({ type: 'refused', status, host: this.host });
    // A subscriber may have lifted the refusal, or stopped or closed the stream.
    if (this.refused && this.lastState !== 'disconnected') this.setState('error');
  }

  private handleFreeze(frozenMs: number): void {
    if (this.connection !== undefined) {
      this.connection.interrupt(new StreamFailure('frozen', processFrozen(frozenMs)));
    } else if (this.retryTimer !== undefined) {
      this.failures = 0;
      this.connect();
    }
  }

  private logEnd(failure: StreamFailure | undefined, waitMs: number): void {
    if (failure === undefined) {
      this.options.logger.debug?.(streamEnded(this.host, waitMs));
      return;
    }
    this.reportFailure(`${this.host}: ${failure.message}`);
    this.warn(failure.kind, streamFailed(this.host, failure.message, waitMs));
  }

  /** Logs one warning per kind until the next envelope, and debug messages after that. */
  private warn(kind: FailureKind, message: string): void {
    const { logger } = this.options;
    if (this.warnedKinds.has(kind)) logger.debug?.(message);
    else logger.warn(message);
    this.warnedKinds.add(kind);
  }

  private setState(state: StreamState): void {
    if (this.lastState === state) return;
    this.lastState = state;
    this.emit({ type: 'stream', state });
  }

  private reportFailure(message: string): void {
    this.runGuarded('failed', () => this.options.sink.failed(this.sender, message));
  }

  private emit(change: SourceChange): void {
    this.runGuarded(change.type, () => this.options.sink.changed(change));
  }

  /** Catches errors of the sink's subscribers, which must not end the stream. */
  private runGuarded(name: string, action: () => void): void {
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
