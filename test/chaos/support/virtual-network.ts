import { expect, onTestFinished, vi } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../../lib/index.js';
import type { Envelope } from '../../../lib/model/index.js';
import { SDK_KEY } from '../../support/delivery-server.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { VirtualHost } from './virtual-host.js';
import { VirtualStream } from './virtual-stream.js';

/** Long enough to be quick, short enough to observe every lasting state. */
const STEP_MS = 500;

/** A primary API, a secondary API and a stream on a virtual clock. Ends with the test. */
export class VirtualNetwork {
  readonly primary = new VirtualHost();
  readonly secondary = new VirtualHost();
  readonly stream: VirtualStream;
  readonly log = new RecordingLogger();
  /** The host and path of every request. */
  readonly addresses = new Set<string>();
  private client: QuonfigService | undefined;

  constructor() {
    vi.useFakeTimers({ now: 0 });
    this.stream = new VirtualStream();
    onTestFinished(async () => {
      await this.client?.close();
      this.stream.close();
      vi.useRealTimers();
    });
  }

  /** The client, after `start`. */
  get service(): QuonfigService {
    if (this.client === undefined) throw new Error('start() has not been called');
    return this.client;
  }

  /** Makes every host serve an envelope, and pushes it to the streams. */
  publish(envelope: Envelope): void {
    this.primary.envelope = envelope;
    this.secondary.envelope = envelope;
    this.stream.publish(envelope);
  }

  /** Schedules an act, in ms since the start. */
  at(moment: number, act: () => void): void {
    setTimeout(act, moment - Date.now());
  }

  /** Starts a client at 0 and advances the clock until it is ready. */
  async start(options: Partial<QuonfigModuleOptions> = {}): Promise<QuonfigService> {
    const creating = QuonfigService.create({
      sdkKey: SDK_KEY,
      apiUrls: ['http://primary.test', 'http://secondary.test'],
      logger: this.log,
      fetch: this.fetch,
      random: () => 0.5,
      collectEvaluationSummaries: false,
      contextUploadMode: 'none',
      ...options,
    });
    const settled = vi.fn();
    creating.then(settled, settled);
    while (settled.mock.calls.length === 0) await vi.advanceTimersByTimeAsync(10);
    this.client = await creating;
    return this.client;
  }

  /** Advances the clock to a moment, checking at every step. */
  async until(moment: number, check: () => void = () => undefined): Promise<void> {
    while (Date.now() < moment) {
      await vi.advanceTimersByTimeAsync(Math.min(STEP_MS, moment - Date.now()));
      check();
    }
  }

  /** Advances the clock until a condition is true, which must be by a moment. */
  async within(moment: number, condition: () => boolean): Promise<void> {
    while (!condition() && Date.now() < moment) {
      await vi.advanceTimersByTimeAsync(Math.min(STEP_MS, moment - Date.now()));
    }
    expect(condition(), `${condition.toString()} by ${moment} ms`).toBe(true);
  }

  /** Advances the clock until a condition has been true for a while without a break, which must be by a moment. */
  async holds(forMs: number, moment: number, condition: () => boolean): Promise<void> {
    let since: number | undefined;
    await this.within(moment, () => {
      since = condition() ? (since ?? Date.now()) : undefined;
      return since !== undefined && Date.now() - since >= forMs;
    });
  }

  /** Whether the stream is connected and polling is off. */
  readonly streaming = (): boolean =>
    this.service.connectionState() === 'connected' && !this.service.fallbackPollerActive();

  /** The number of restarts of the stream. */
  get restarts(): number {
    return Object.values(this.service.metrics().restarts.stream).reduce((sum, n) => sum + n, 0);
  }

  private readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    this.addresses.add(url.host + url.pathname);
    const signal = init?.signal ?? undefined;
    switch (url.host + url.pathname) {
      case 'stream.primary.test/api/v2/sse/config':
        return this.stream.answer(signal);
      case 'primary.test/api/v2/configs':
        return this.primary.answer(new Headers(init?.headers), signal);
      case 'secondary.test/api/v2/configs':
        return this.secondary.answer(new Headers(init?.headers), signal);
      default:
        throw new Error(`unknown host: ${url.href}`);
    }
  };
}
