import { describe, expect, it } from 'vitest';
import { Reporting } from './support/reporting.js';

describe('the last report, at closing', () => {
  it('is counted when it is accepted, without a word', async () => {
    const t = await Reporting.start([200]);
    t.record(1);
    await t.service.close();
    expect(t.keysOf(0)).toEqual(['flag-1']);
    expect(t.telemetry.batchesSent).toBe(1);
    expect(t.log.lines()).toEqual([]);
  });

  it.each([400, 401, 503])('is lost with a debug line when the answer is %i', async (status) => {
    const t = await Reporting.start([status]);
    t.record(1);
    await t.service.close();
    expect(t.stub.requests).toHaveLength(1);
    expect(t.telemetry).toMatchObject({ state: 'off', reason: 'closed', batchesSent: 0 });
    expect(t.log.lines()).toEqual([
      `debug The last telemetry before closing could not be sent: status ${status}.`,
    ]);
  });
});
