import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, vi } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../../lib/index.js';
import { constant, envelope } from '../../support/configs.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { type Answer, TelemetryStub } from '../../support/telemetry-stub.js';

export const SDK_KEY = 'qf_sk_telemetry_0123456789';

/** A service that reports to a stub over real sockets, under fake timers. The end of the test closes it. */
export class Reporting {
  readonly log = new RecordingLogger();

  private constructor(
    readonly service: QuonfigService,
    readonly stub: TelemetryStub,
    log: RecordingLogger,
  ) {
    this.log = log;
  }

  /** Starts a service with fifty flags that are on; the stub plays the script. */
  static async start(
    script: Answer[],
    options: Partial<QuonfigModuleOptions> = {},
  ): Promise<Reporting> {
    const stub = await TelemetryStub.start(...script);
    onTestFinished(() => stub.stop());
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
      now: 1_790_000_000_000,
    });
    onTestFinished(() => void vi.useRealTimers());
    const log = new RecordingLogger();
    const keys = Array.from({ length: 50 }, (_, index) => `flag-${index}`);
    const service = await QuonfigService.create({
      sdkKey: SDK_KEY,
      telemetryUrl: stub.url,
      datafile: envelope(keys.map((key) => constant(key, 'bool', true))),
      enableQuonfigUserContext: false,
      logger: log,
      ...options,
    });
    log.clear();
    onTestFinished(async () => {
      stub.answers(200);
      stub.release(200);
      await service.close();
    });
    return new Reporting(service, stub, log);
  }

  /** Reads flags by number. */
  record(...flags: number[]): void {
    for (const flag of flags) this.service.get(`flag-${flag}`);
  }

  get telemetry() {
    return this.service.metrics().telemetry;
  }

  /** Advances the clock, then waits until requests have settled. */
  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await this.rest();
  }

  /** Runs a tick and waits until this many requests in total have been answered. */
  async tick(requests: number, ms = 60_000): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await this.until(() => this.stub.requests.length >= requests);
    await this.rest();
    expect(this.stub.requests).toHaveLength(requests);
  }

  /** Waits in real time; the fake clock stands still. */
  async until(condition: () => boolean): Promise<void> {
    for (let turns = 0; turns < 200_000 && !condition(); turns++) await turn();
    expect(condition(), condition.toString()).toBe(true);
  }

  /** Waits until the client has closed its sockets: until then it may still be reading a response. */
  async rest(): Promise<void> {
    for (let turns = 0; turns < 50; turns++) await turn();
    for (let turns = 0; turns < 20_000; turns++) {
      if ((await this.stub.connections()) === this.stub.hangingRequests) break;
    }
    for (let turns = 0; turns < 50; turns++) await turn();
  }

  /** The keys that a request reports. */
  keysOf(request: number): string[] {
    const { events } = JSON.parse(this.stub.requests[request]!.body) as {
      events: { summaries?: { summaries: { key: string }[] } }[];
    };
    return events.flatMap((event) => event.summaries?.summaries.map(({ key }) => key) ?? []);
  }
}
