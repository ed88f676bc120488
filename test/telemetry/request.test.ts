import { describe, expect, it } from 'vitest';
import { SDK_VERSION } from '../../lib/delivery/sdk-version.js';
import { Reporting, SDK_KEY } from './support/reporting.js';

describe('a report', () => {
  it('a report is posted as JSON with the SDK key and version, at the interval and on close', async () => {
    const t = await Reporting.start([200]);
    t.record(1);
    await t.tick(1);
    t.record(2);
    await t.service.close();
    expect(t.stub.requests).toHaveLength(2);
    for (const { method, path, headers, body } of t.stub.requests) {
      expect([method, path]).toEqual(['POST', '/api/v1/telemetry/']);
      expect(headers).toMatchObject({
        authorization: `Basic ${Buffer.from(`1:${SDK_KEY}`).toString('base64')}`,
        'x-quonfig-sdk-version': SDK_VERSION,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      });
    }
  });

  it('the telemetry path is appended to the path of telemetryUrl', async () => {
    const t = await Reporting.start([200]);
    const { url } = t.stub;
    const behind = await Reporting.start([200], { telemetryUrl: `${url}/gateway/` });
    behind.record(1);
    await behind.service.flush();
    expect(t.stub.requests.map(({ path }) => path)).toEqual(['/gateway/api/v1/telemetry/']);
  });

  it('a report states when its first read was made and when its window closed', async () => {
    const t = await Reporting.start([200]);
    const begin = Date.now();
    await t.pass(10_000);
    t.record(1);
    await t.pass(20_000);
    t.record(1, 2);
    await t.pass(5_000);
    await t.service.flush();
    await t.pass(7_000);
    t.record(2);
    await t.pass(1_000);
    await t.service.flush();
    expect([timesOf(t, 0), timesOf(t, 1)]).toEqual([
      { start: begin + 10_000, end: begin + 35_000 },
      { start: begin + 42_000, end: begin + 43_000 },
    ]);
  });
});

function timesOf(t: Reporting, request: number): { start: number; end: number } {
  const { events } = JSON.parse(t.stub.requests[request]!.body) as {
    events: [{ summaries: { start: number; end: number } }];
  };
  const { start, end } = events[0].summaries;
  return { start, end };
}
