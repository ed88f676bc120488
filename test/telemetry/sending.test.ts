import { describe, expect, it, vi } from 'vitest';
import { Reporting } from './support/reporting.js';

const manyFlags = Array.from({ length: 40 }, (_, index) => index);

describe('sending telemetry', () => {
  it('an error that is its own cause counts as a failed request', async () => {
    const failure = new Error('failed');
    failure.cause = failure;
    let failing = true;
    const t = await Reporting.start([200], {
      fetch: (input, init) => (failing ? Promise.reject(failure) : fetch(input, init)),
    });
    t.record(1);
    await t.pass(60_000);
    expect(t.telemetry.batchesRetained).toBe(1);
    expect(t.log.lines('debug')).toEqual([expect.stringContaining('could not be sent: Error.')]);
    failing = false;
    await t.tick(1);
    expect(t.telemetry.batchesSent).toBe(1);
  });

  it('a response that arrives after the timeout is canceled', async () => {
    const cancelled = vi.fn();
    let answer!: (response: Response) => void;
    const t = await Reporting.start([200], {
      fetch: () => new Promise<Response>((resolve) => void (answer = resolve)),
    });
    t.record(1);
    await t.pass(60_000);
    await t.pass(15_000);
    expect(t.telemetry.batchesRetained).toBe(1);
    answer(new Response(new ReadableStream({ cancel: cancelled }), { status: 200 }));
    await t.pass(0);
    expect(cancelled).toHaveBeenCalledOnce();
    expect(t.telemetry.batchesRetained).toBe(1);
  });

  it('setting the clock back does not delay the next attempt', async () => {
    const t = await Reporting.start([503, 200]);
    t.record(1);
    await t.tick(1);
    vi.setSystemTime(Date.now() - 3_600_000);
    await t.tick(2);
    expect(t.telemetry.batchesRetained).toBe(0);
  });

  it('close() does not send retained batches, even one that was never tried', async () => {
    const t = await Reporting.start([503, 503, 200]);
    t.record(1);
    await t.tick(1);
    t.record(2);
    await t.tick(2);
    expect(t.telemetry.batchesRetained).toBe(2);
    await t.service.close();
    expect(t.stub.requests).toHaveLength(2);
  });

  it('close() does not send a batch that was already dropped for its size', async () => {
    const t = await Reporting.start([503, 503, 200], { telemetryMaxRetainedBytes: 1_500 });
    t.record(1);
    await t.tick(1);
    t.record(...manyFlags);
    await t.tick(2);
    expect(t.telemetry.batchesDropped.oversize).toBe(1);
    await t.service.close();
    expect(t.stub.requests).toHaveLength(2);
  });

  it('close() sends the batch that the interrupted tick was about to send', async () => {
    const t = await Reporting.start([503, 'hang', 200]);
    t.record(1);
    await t.tick(1);
    t.record(2);
    await t.pass(60_000);
    await t.until(() => t.stub.requests.length === 2);
    await t.service.close();
    expect(t.stub.requests).toHaveLength(3);
    expect(t.keysOf(2)).toEqual(['flag-2']);
  });
});
