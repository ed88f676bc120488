import { setImmediate } from 'node:timers/promises';
import { InvalidEnvelopeError } from '../../errors/index.js';
import {
  checkEnvelope,
  type LoadedEnvelope,
  parseEnvelope,
  SLICE_MS,
  type StoredConfig,
} from '../../model/index.js';
import { chunksOf } from '../http/body.js';
import { failureCode, failureReason, MAX_TIMER_MS, untilAborted } from '../../requests/index.js';
import type { SourceLogger } from '../source-logger.js';
import { EventReader, type StreamEvent } from './event-reader.js';
import { openStream, type StreamEndpoint } from './open-stream.js';
import {
  callbackFailed,
  clientTimeout,
  connectionSilent,
  endedWithoutConfigs,
  notAnEnvelope,
  notJson,
} from './sse-reconnect.messages.js';
import { stackText } from '../../errors/stack-text.js';
import { StreamFailure } from './stream-failure.js';

/** Codes of the timeouts of Node's HTTP client, which are longer than most deadlines. */
const CLIENT_TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

export interface SseConnectionOptions {
  readonly endpoint: StreamEndpoint;
  readonly lastEventId: string;
  readonly sseReadDeadlineMs: number;
  readonly maxEnvelopeBytes: number;
  readonly logger: SourceLogger;
  /** The current configs, most of which arrive again. */
  currentConfigs(): Iterable<StoredConfig>;
  /** Called once, at the first complete line. */
  onConnected(): void;
  /** An event has no valid envelope and is dropped. The connection stays open. */
  onDropped(reason: string): void;
  /** The next event is read once the promise has settled. */
  onEnvelope(envelope: LoadedEnvelope, eventId: string | undefined): Promise<void>;
}

export interface ConnectionEnd {
  /** `undefined` if the server ended the connection cleanly after it had delivered. */
  readonly failure: StreamFailure | undefined;
  /** Whether at least one envelope was received. */
  readonly delivered: boolean;
  /** The wait before a reconnect that the server requested on the stream, in ms. */
  readonly retryMs: number | undefined;
}

/** One connection of the stream, from the request to its end. Not reusable. */
export class SseConnection {
  private readonly abort = new AbortController();
  private readonly signal = this.abort.signal;
  private readonly reader: EventReader;
  private deadline: NodeJS.Timeout | undefined;
  private connected = false;
  private delivered = false;

  constructor(private readonly options: SseConnectionOptions) {
    this.reader = new EventReader(options.maxEnvelopeBytes);
  }

  /** Reads the stream until it ends. Never rejects. */
  async run(): Promise<ConnectionEnd> {
    let failure: StreamFailure | undefined;
    try {
      await this.readStream();
      if (!this.delivered) failure = new StreamFailure('empty', endedWithoutConfigs);
    } catch (error) {
      failure = this.failureOf(this.signal.aborted ? this.signal.reason : error);
    }
    this.interrupt(new StreamFailure('closed', ''));
    return { failure, delivered: this.delivered, retryMs: this.reader.retryMs };
  }

  /** Ends the connection: no callback is called after this, and `run` resolves with the failure. */
  interrupt(failure: StreamFailure): void {
    clearTimeout(this.deadline);
    this.abort.abort(failure);
  }

  private async readStream(): Promise<void> {
    const { endpoint, lastEventId } = this.options;
    this.restartDeadline();
    const opened = openStream(endpoint, lastEventId, this.signal);
    const response = await untilAborted(this.signal, opened);
    let sliceEnd = performance.now() + SLICE_MS;
    for await (const chunk of chunksOf(response, this.signal)) {
      // Processing an envelope must not count as silence of the server.
      clearTimeout(this.deadline);
      await this.readChunk(chunk);
      this.restartDeadline();
      if (performance.now() < sliceEnd) continue;
      // Yield before requesting more: the client reads the socket only on request, so a large envelope arrives in slices.
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }

  private async readChunk(chunk: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    const events = this.reader.read(chunk);
    if (this.reader.hasReadLine && !this.connected) {
      this.connected = true;
      this.options.onConnected();
    }
    for (const event of events) await untilAborted(this.signal, this.deliver(event));
  }

  private async deliver({ id, data }: StreamEvent): Promise<void> {
    const candidate = await parseEnvelope(data, this.options.currentConfigs()).catch(
      () => undefined,
    );
    if (this.signal.aborted) return;
    if (candidate === undefined) {
      this.options.onDropped(notJson);
      return;
    }
    let envelope: LoadedEnvelope;
    try {
      envelope = checkEnvelope(
        candidate,
        (problem) => new StreamFailure('invalid_event', notAnEnvelope(problem)),
      );
    } catch (error) {
      this.options.onDropped((error as StreamFailure).message);
      return;
    }
    await this.passOn(envelope, id);
  }

  private async passOn(envelope: LoadedEnvelope, id: string | undefined): Promise<void> {
    try {
      await this.options.onEnvelope(envelope, id);
      this.delivered = true;
    } catch (error) {
      if (this.signal.aborted) return;
      if (error instanceof InvalidEnvelopeError) {
        this.options.onDropped(error.message);
      } else {
        this.delivered = true;
        this.options.logger.error(callbackFailed('onEnvelope', stackText(error)));
      }
    }
  }

  private failureOf(cause: unknown): StreamFailure {
    if (cause instanceof StreamFailure) return cause;
    const code = failureCode(cause);
    if (CLIENT_TIMEOUTS.has(code)) return new StreamFailure('silent', clientTimeout);
    return new StreamFailure('network', failureReason(cause));
  }

  private restartDeadline(): void {
    if (this.signal.aborted) return;
    const { sseReadDeadlineMs } = this.options;
    clearTimeout(this.deadline);
    this.deadline = setTimeout(
      () => this.interrupt(new StreamFailure('silent', connectionSilent(sseReadDeadlineMs))),
      Math.min(sseReadDeadlineMs, MAX_TIMER_MS),
    ).unref();
  }
}
