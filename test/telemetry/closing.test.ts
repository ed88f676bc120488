import { describe, expect, it } from 'vitest';
import { Reporting } from './support/reporting.js';

describe('the final report', () => {
  it('an accepted final report counts as sent, and nothing is logged', async () => {
    const t = await Reporting.start([200]);
    t.record(1);
    await t.service.close();
    expect(t.keysOf(0)).toEqual(['flag-1']);
    expect(t.telemetry.batchesSent).toBe(1);
    expect(t.log.lines()).toEqual([]);
  });

  it.each([400, 401, 503])(
    'status %i loses the final report with only a debug line',
    async (status) => {
      const t = await Reporting.start([status]);
      t.record(1);
      await t.service.close();
      expect(t.stub.requests).toHaveLength(1);
      expect(t.telemetry).toMatchObject({ state: 'off', reason: 'closed', batchesSent: 0 });
      expect(t.log.lines()).toEqual([
        `debug The last telemetry report before closing could not be sent: status ${status}. Everything recorded since the previous report is lost. If this repeats, check that this host can reach telemetryUrl.`,
      ]);
    },
  );
});
