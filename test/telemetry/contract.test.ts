import { describe, expect, it, vi } from 'vitest';
import type { Answer } from '../support/telemetry-stub.js';
import { resolveOptions } from '../../lib/options/index.js';
import { envelope } from '../support/configs.js';
import { Reporting, SDK_KEY } from './support/reporting.js';

const DEFAULT_BYTES = 2_097_152;
/** The defaults of the telemetry options. */
const defaults = resolveOptions({ sdkKey: SDK_KEY, datafile: envelope([]) }, {}).telemetry;

describe('the contract of telemetry', () => {
  it('T1: a batch whose request times out is retained silently and sent again byte for byte', async () => {
    expect(defaults).toMatchObject({
      telemetryTimeoutMs: 15_000,
      telemetryFlushIntervalMs: 60_000,
    });
    const t = await Reporting.start(['hang', 200]);
    t.record(1);
    await t.tick(1);
    await t.pass(14_999);
    expect(t.telemetry.bytesRetained).toBe(t.stub.requests[0]!.body.length);
    expect(t.log.lines()).toEqual([]);
    await t.pass(1);
    expect(t.stub.requests).toHaveLength(1);
    expect(t.telemetry.batchesRetained).toBe(1);
    expect([...t.log.lines('warn'), ...t.log.lines('error')]).toEqual([]);
    expect(t.log.lines('debug').length).toBeGreaterThan(0);
    await t.tick(2, 45_000);
    expect(t.stub.hashes[1]).toBe(t.stub.hashes[0]);
    expect(t.telemetry).toMatchObject({ batchesRetained: 0, batchesSent: 1 });
    expect(t.log.lines('info')).toEqual([expect.stringMatching(/recover/i)]);
    expect(t.log.lines('warn')).toEqual([]);
  });

  it('T2: a failed batch is sent again unchanged, before everything recorded since', async () => {
    const t = await Reporting.start([503, 503, 200, 200]);
    t.record(1);
    await t.tick(1);
    expect(t.telemetry.batchesRetained).toBe(1);
    t.record(2);
    await t.tick(2);
    expect(t.telemetry.batchesRetained).toBe(2);
    await t.tick(4);
    const [first, second, third, fourth] = t.stub.hashes;
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
    expect(t.keysOf(0)).toEqual(['flag-1']);
    expect(t.keysOf(3)).toEqual(['flag-2']);
    expect(t.telemetry.batchesRetained).toBe(0);
  });

  it.each([401, 403, 404])('T3a: status %i stops telemetry with one error', async (status) => {
    const t = await Reporting.start([503, status]);
    t.record(1);
    await t.tick(1);
    await t.tick(2);
    expect(t.log.lines('error')).toEqual([expect.stringContaining(String(status))]);
    expect(t.telemetry).toMatchObject({
      state: 'refused',
      refusedWith: status,
      batchesRetained: 0,
      batchesDropped: { refused: 1 },
    });
    expect(t.service.health().telemetry).toBe('refused');
    for (let tick = 0; tick < 3; tick++) {
      t.record(1, 2);
      await t.pass(60_000);
    }
    expect(t.stub.requests).toHaveLength(2);
    expect(t.log.lines('error')).toHaveLength(1);
    expect(t.log.lines('warn')).toEqual([]);
  });

  it.each<[Answer]>([[400], [413], [422], [{ status: 302, headers: { location: '/elsewhere' } }]])(
    'T3b: %j drops that batch with one error, and telemetry continues',
    async (answer) => {
      const t = await Reporting.start([answer, 200]);
      t.record(1);
      await t.tick(1);
      expect(t.telemetry).toMatchObject({ state: 'on', batchesRetained: 0 });
      expect(t.telemetry.batchesDropped.rejected).toBe(1);
      expect(t.log.lines('error')).toHaveLength(1);
      expect(t.log.lines('warn')).toEqual([]);
      t.record(2);
      await t.tick(2);
      expect(t.keysOf(1)).toEqual(['flag-2']);
      expect(t.telemetry.batchesSent).toBe(1);
    },
  );

  it('T3b: repeated rejections log one error per ten minutes, with their count', async () => {
    const t = await Reporting.start([400]);
    for (let tick = 1; tick <= 11; tick++) {
      t.record(1);
      await t.tick(tick);
    }
    expect(t.log.lines('error')).toEqual([
      expect.stringContaining('1 batch'),
      expect.stringContaining('10 batches'),
    ]);
  });

  it('T3c: status 408 retains the batch', async () => {
    const t = await Reporting.start([408, 200]);
    t.record(1);
    await t.tick(1);
    expect(t.telemetry).toMatchObject({ state: 'on', batchesRetained: 1 });
  });

  it('T4a: nothing is sent for 30 seconds after a failure, however short the interval', async () => {
    const t = await Reporting.start([503, 200], { telemetryFlushIntervalMs: 8_000 });
    t.record(1);
    await t.tick(1, 8_000);
    for (let tick = 0; tick < 3; tick++) await t.pass(8_000);
    expect(t.stub.requests).toHaveLength(1);
    await t.tick(2, 8_000);
    expect(t.stub.hashes[1]).toBe(t.stub.hashes[0]);
  });

  it('T4b: Retry-After delays the next request', async () => {
    const t = await Reporting.start([{ status: 429, headers: { 'retry-after': '120' } }, 200], {
      telemetryFlushIntervalMs: 1_000,
    });
    t.record(1);
    await t.tick(1, 1_000);
    await t.pass(119_000);
    expect(t.stub.requests).toHaveLength(1);
    await t.tick(2, 2_000);
    expect(t.stub.hashes[1]).toBe(t.stub.hashes[0]);
  });

  it('T4c: Retry-After delays requests for at most ten minutes, and a batch that expires in that time is dropped', async () => {
    const t = await Reporting.start([{ status: 503, headers: { 'retry-after': '3600' } }, 200]);
    t.record(1);
    await t.tick(1);
    t.record(2);
    await t.pass(599_000);
    expect(t.stub.requests).toHaveLength(1);
    await t.tick(2, 1_000);
    expect(t.keysOf(1)).toEqual(['flag-2']);
    expect(t.log.lines('warn')).toHaveLength(1);
    expect(t.telemetry.batchesDropped.aged).toBe(1);
  });

  it('T4d: Retry-After may be a date, and never shortens the 30 seconds', async () => {
    const date = new Date(1_790_000_000_000 + 1_000 + 90_000).toUTCString();
    const t = await Reporting.start(
      [
        { status: 503, headers: { 'retry-after': date } },
        { status: 503, headers: { 'retry-after': '5' } },
        { status: 503, headers: { 'retry-after': 'soon' } },
        200,
      ],
      { telemetryFlushIntervalMs: 1_000 },
    );
    t.record(1);
    await t.tick(1, 1_000);
    await t.pass(88_000);
    expect(t.stub.requests).toHaveLength(1);
    await t.tick(2, 3_000);
    await t.pass(28_000);
    expect(t.stub.requests).toHaveLength(2);
    await t.tick(3, 3_000);
    await t.pass(28_000);
    expect(t.stub.requests).toHaveLength(3);
    await t.tick(4, 3_000);
  });

  it('T4d: a Retry-After date is honored to the second, for at most ten minutes', async () => {
    const at = (ms: number): Answer => {
      const date = new Date(Date.now() + ms).toUTCString();
      return { status: 503, headers: { 'retry-after': date } };
    };
    const t = await Reporting.start([503], {
      telemetryFlushIntervalMs: 1_000,
      telemetryMaxRetainedAgeMs: 7_200_000,
    });
    t.stub.answers(at(1_000 + 599_000));
    t.record(1);
    await t.tick(1, 1_000);
    await t.pass(598_000);
    expect(t.stub.requests).toHaveLength(1);
    t.stub.answers(at(1_000 + 3_600_000), 200);
    await t.tick(2, 1_000);
    await t.pass(599_000);
    expect(t.stub.requests).toHaveLength(2);
    await t.tick(3, 1_000);
    expect(new Set(t.stub.hashes).size).toBe(1);
    expect(t.telemetry).toMatchObject({ batchesSent: 1, batchesRetained: 0 });
  });

  it('T5a: the latest five batches are retained and sent in order, byte for byte', async () => {
    expect(defaults).toMatchObject({ telemetryMaxRetainedBatches: 5 });
    const t = await Reporting.start([503]);
    const newest: string[] = [];
    for (let tick = 1; tick <= 8; tick++) {
      t.record(tick);
      await t.tick(tick);
      expect(t.telemetry.batchesRetained).toBe(Math.min(tick, 5));
      expect(t.telemetry.bytesRetained).toBeLessThanOrEqual(DEFAULT_BYTES);
      newest.push(t.stub.hashes.at(-1)!);
    }
    t.stub.answers(200);
    await t.tick(13);
    const keys = [8, 9, 10, 11, 12].map((request) => t.keysOf(request)[0]);
    expect(keys).toEqual(['flag-4', 'flag-5', 'flag-6', 'flag-7', 'flag-8']);
    // A batch that was tried before, when it was the oldest, is sent with the same bytes.
    expect(newest).toContain(t.stub.hashes[8]);
    expect(t.telemetry).toMatchObject({ batchesRetained: 0, batchesDropped: { queue_full: 3 } });
  });

  it('T5b: a batch older than five minutes is dropped', async () => {
    expect(defaults).toMatchObject({ telemetryMaxRetainedAgeMs: 300_000 });
    const t = await Reporting.start([503]);
    for (let tick = 1; tick <= 3; tick++) {
      t.record(tick);
      await t.tick(tick);
    }
    t.stub.answers({ status: 503, headers: { 'retry-after': '360' } });
    await t.tick(4);
    t.stub.answers(200);
    await t.pass(360_000);
    expect(t.telemetry).toMatchObject({ batchesRetained: 0, batchesDropped: { aged: 3 } });
    t.record(9);
    await t.tick(5);
    expect(t.keysOf(4)).toEqual(['flag-9']);
  });

  it('T5c: a batch above the byte cap is sent once and never retained', async () => {
    expect(defaults).toMatchObject({ telemetryMaxRetainedBytes: DEFAULT_BYTES });
    const t = await Reporting.start([503], { telemetryMaxRetainedBytes: 4_096 });
    t.record(...Array.from({ length: 50 }, (_, flag) => flag));
    await t.tick(1);
    expect(t.stub.requests[0]!.body.length).toBeGreaterThan(4_096);
    await t.pass(120_000);
    expect(t.stub.requests).toHaveLength(1);
    expect(t.telemetry).toMatchObject({
      batchesRetained: 0,
      bytesRetained: 0,
      batchesDropped: { oversize: 1 },
    });
    expect(t.log.lines('warn')).toHaveLength(1);
  });

  it('T5d: every collector is capped, and its known entries keep counting', async () => {
    expect(defaults).toMatchObject({
      telemetryMaxEvaluationSummaries: 10_000,
      telemetryMaxContextShapeFields: 10_000,
      telemetryMaxExampleContexts: 10_000,
    });
    const t = await Reporting.start([200], {
      telemetryMaxEvaluationSummaries: 3,
      telemetryMaxContextShapeFields: 4,
      telemetryMaxExampleContexts: 2,
    });
    for (let flag = 0; flag < 6; flag++) {
      t.service.get(`flag-${flag}`, { user: { key: `u-${flag}`, [`p-${flag}`]: flag } });
    }
    t.record(0, 0);
    await t.tick(1);
    const { events } = JSON.parse(t.stub.requests[0]!.body);
    const [{ summaries }, { contextShapes }, { exampleContexts }] = events;
    expect(summaries.summaries).toHaveLength(3);
    expect(summaries.summaries[0].counters[0].count).toBe(3);
    expect(Object.keys(contextShapes.shapes[0].fieldTypes)).toHaveLength(4);
    expect(exampleContexts.examples).toHaveLength(2);
  });

  it('T6a: a single failure logs no warning', async () => {
    const t = await Reporting.start([503, 200]);
    t.record(1);
    await t.tick(1);
    await t.tick(2);
    expect(t.log.lines('warn')).toEqual([]);
    expect(t.log.lines('info')).toEqual([expect.stringMatching(/recover/i)]);
    expect(t.log.lines('debug').length).toBeGreaterThan(0);
  });

  it('T6b: the first loss logs one warning, and further losses log none for ten minutes', async () => {
    const t = await Reporting.start([503]);
    for (let tick = 1; tick <= 10; tick++) {
      t.record(1);
      await t.tick(tick);
      expect(t.log.lines('warn')).toHaveLength(tick < 6 ? 0 : 1);
    }
    expect(t.log.lines('warn')[0]).toMatch(/1 batch .*5 batches retained.*status 503/);
    t.stub.answers(200);
    t.record(1);
    await t.tick(15);
    expect(t.log.lines('info')).toHaveLength(1);
    expect(t.log.lines('error')).toEqual([]);
  });

  it('T6c: ongoing losses log one warning per ten minutes', async () => {
    const t = await Reporting.start([503]);
    const warnedAt: number[] = [];
    for (let tick = 1; tick <= 27; tick++) {
      const before = t.log.lines('warn').length;
      t.record(1);
      await t.tick(tick);
      if (t.log.lines('warn').length > before) warnedAt.push(tick);
    }
    expect(warnedAt).toEqual([6, 16, 26]);
    expect(t.log.lines('warn')[1]).toContain('10 batches since');
  });

  it('T7: ticks do nothing while a request is in flight, and everything recorded in that time is sent in one batch', async () => {
    const t = await Reporting.start(['hang', 200], { telemetryTimeoutMs: 300_000 });
    t.record(1);
    await t.tick(1);
    t.record(2);
    await t.tick(1);
    t.record(3);
    await t.tick(1);
    t.stub.release(200);
    await t.until(() => t.telemetry.batchesSent === 1);
    await t.tick(2);
    expect(t.keysOf(1)).toEqual(['flag-2', 'flag-3']);
  });

  it('T8: close sends the current window once and abandons retained batches', async () => {
    const t = await Reporting.start([503, 503, 'hang']);
    t.record(1);
    await t.tick(1);
    t.record(2);
    await t.tick(2);
    expect(t.telemetry.batchesRetained).toBe(2);
    t.record(3);
    const closed = vi.fn();
    const closing = t.service.close().then(closed);
    await t.until(() => t.stub.requests.length === 3);
    expect(closed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5_000);
    await closing;
    expect(t.keysOf(2)).toEqual(['flag-3']);
    expect(t.log.lines('warn')).toEqual([]);
    await t.service.close();
    t.record(4);
    await t.service.flush();
    await t.pass(300_000);
    expect(t.stub.requests).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
