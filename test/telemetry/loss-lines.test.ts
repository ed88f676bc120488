import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  finalReportFailed,
  cycleFailed,
  windowLost,
} from '../../lib/telemetry/telemetry.messages.js';
import type { TelemetryEndpoint } from '../../lib/telemetry/report/telemetry-endpoint.js';
import { TelemetryReporter } from '../../lib/telemetry/report/telemetry-reporter.js';
import type { WindowSource } from '../../lib/telemetry/telemetry-window.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Reporting } from './support/reporting.js';

const manyFlags = Array.from({ length: 40 }, (_, index) => index);

describe('log lines about an oversized batch', () => {
  it('the log says that an oversized batch is not kept', async () => {
    const t = await Reporting.start([503], { telemetryMaxRetainedBytes: 1_500 });
    t.record(...manyFlags);
    await t.tick(1);
    expect(t.log.lines()).toEqual([
      'debug Telemetry could not be sent: status 503. The report is larger than telemetryMaxRetainedBytes, so it is not retained. Reads are unaffected. To keep reports of this size, raise telemetryMaxRetainedBytes.',
      expect.stringMatching(
        /^warn Telemetry was dropped: 1 batch .* 0 batches retained.*status 503/,
      ),
    ]);
  });

  it('the log does not count an oversized batch among the retained ones', async () => {
    const t = await Reporting.start([503], { telemetryMaxRetainedBytes: 1_500 });
    t.record(1);
    await t.tick(1);
    t.record(...manyFlags);
    await t.tick(2);
    expect(t.log.lines('debug')[1]).toContain('It is retained (1 batch)');
    expect(t.log.lines('warn')).toEqual([expect.stringContaining('1 batch retained')]);
  });
});

describe('internal failures', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  const broken = (): never => {
    throw new RangeError('Invalid string length');
  };

  /** Runs one tick per minute and returns the numbers of those that logged this warning. */
  async function warnedAt(
    ticks: number,
    line: string,
    window: Partial<WindowSource>,
    post: () => Promise<unknown>,
  ): Promise<{
    log: RecordingLogger;
    warned: number[];
    flush: () => Promise<void>;
    close: () => Promise<void>;
  }> {
    const log = new RecordingLogger();
    const reporter = new TelemetryReporter({
      window: { isEmpty: false, take: async () => new Uint8Array(8), stop: () => {}, ...window },
      endpoint: { post } as unknown as TelemetryEndpoint,
      logger: log,
      keySource: 'the option sdkKey',
      telemetryFlushIntervalMs: 60_000,
      telemetryTimeoutMs: 15_000,
      telemetryMaxRetainedBatches: 5,
      telemetryMaxRetainedBytes: 1_000,
      telemetryMaxRetainedAgeMs: 300_000,
    });
    onTestFinished(() => reporter.close());
    reporter.start();
    const warned: number[] = [];
    for (let tick = 1; tick <= ticks; tick++) {
      const before = log.lines().length;
      await vi.advanceTimersByTimeAsync(60_000);
      if (log.lines().slice(before).includes(`warn ${line}`)) warned.push(tick);
    }
    return { log, warned, flush: () => reporter.flush(), close: () => reporter.close() };
  }

  it('lost windows log one warning per ten minutes and debug lines in between', async () => {
    const lost = windowLost('RangeError');
    const { log, warned, flush } = await warnedAt(22, lost, { take: async () => broken() }, broken);
    expect(warned).toEqual([1, 11, 21]);
    expect(log.lines('debug')).toEqual(Array(19).fill(`debug ${lost}`));
    expect(log.text).not.toContain('Invalid string length');
    await expect(flush()).resolves.toBeUndefined();
  });

  it('an internal failure is logged and never makes flush() or close() reject', async () => {
    const failed = cycleFailed('RangeError');
    const { log, warned, flush, close } = await warnedAt(12, failed, {}, async () => broken());
    expect(warned).toEqual([1, 11]);
    expect(log.lines('debug')).toContain(`debug ${failed}`);
    await expect(flush()).resolves.toBeUndefined();
    await expect(close()).resolves.toBeUndefined();
    expect(log.lines().at(-1)).toBe(`debug ${finalReportFailed('RangeError')}`);
  });
});
