import { describe, expect, it } from 'vitest';
import { Reporting } from './support/reporting.js';

describe('flush()', () => {
  it('flush() resolves after sending what was recorded during an earlier flush', async () => {
    const t = await Reporting.start(['hang', 200]);
    t.record(1);
    void t.service.flush();
    await t.until(() => t.stub.requests.length === 1);
    t.record(2);
    const sentBy = t.service.flush().then(() => t.telemetry.batchesSent);
    t.stub.release(200);
    expect(await sentBy).toBe(2);
    expect([t.keysOf(0), t.keysOf(1)]).toEqual([['flag-1'], ['flag-2']]);
  });

  it('flush() also sends what was recorded while a tick was sending', async () => {
    const t = await Reporting.start(['hang', 200]);
    t.record(1);
    await t.tick(1);
    t.record(2);
    const sentBy = t.service.flush().then(() => t.telemetry.batchesSent);
    t.stub.release(200);
    expect(await sentBy).toBe(2);
  });

  it('flush() calls that wait together share one report, and a later call sends another', async () => {
    const t = await Reporting.start(['hang', 'hang', 200]);
    t.record(1);
    const first = t.service.flush();
    await t.until(() => t.stub.requests.length === 1);
    t.record(2);
    const second = [t.service.flush(), t.service.flush()];
    t.record(3);
    second.push(t.service.flush());
    t.stub.release(200);
    await first;
    await t.until(() => t.stub.requests.length === 2);
    expect(t.keysOf(1)).toEqual(['flag-2', 'flag-3']);
    t.record(4);
    const third = t.service.flush();
    t.stub.release(200);
    await Promise.all([...second, third]);
    expect(t.keysOf(2)).toEqual(['flag-4']);
    expect(t.stub.requests).toHaveLength(3);
  });

  it('flush() resolves when the service closes before it is done', async () => {
    const t = await Reporting.start(['hang', 200]);
    t.record(1);
    const first = t.service.flush();
    await t.until(() => t.stub.requests.length === 1);
    t.record(2);
    const second = t.service.flush();
    await Promise.all([t.service.close(), first, second]);
    expect(t.stub.requests).toHaveLength(2);
    expect(t.keysOf(1)).toEqual(['flag-2']);
  });
});

describe('suspend()', () => {
  it('suspend() sends one report, then nothing until resume()', async () => {
    const t = await Reporting.start([200]);
    t.record(1);
    t.service.suspend();
    await t.until(() => t.telemetry.batchesSent === 1);
    t.record(2);
    await t.pass(180_000);
    expect(t.stub.requests).toHaveLength(1);
    await t.service.resume();
    await t.tick(2);
    expect(t.keysOf(1)).toEqual(['flag-2']);
  });

  it('suspend() also sends what was recorded while a request was in flight', async () => {
    const t = await Reporting.start(['hang', 200]);
    t.record(1);
    await t.tick(1);
    t.record(2);
    t.service.suspend();
    t.stub.release(200);
    await t.until(() => t.telemetry.batchesSent === 2);
    expect(t.keysOf(1)).toEqual(['flag-2']);
  });
});
