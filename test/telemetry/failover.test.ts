import { setImmediate as turn } from 'node:timers/promises';
import { expect, describe, it, onTestFinished, vi } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { optionsFor, serve } from '../support/networked.js';
import { type DeliveryServer, envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { TelemetryStub } from '../support/telemetry-stub.js';

const BEGIN = 1_790_000_000_000;
const nothing = {
  hedgeFired: 0,
  guardRejected: 0,
  resolvedFromPrimary: 0,
  resolvedFromSecondary: 0,
  resolvedFromLkg: 0,
};

interface Rig {
  readonly primary: DeliveryServer;
  readonly secondary: DeliveryServer;
  readonly starting: Promise<QuonfigService>;
  /** The events of the next report; `undefined` when there is none. */
  readonly report: (service: QuonfigService) => Promise<Record<string, any> | undefined>;
}

/** Starts a service with a primary and a secondary API under fake timers, without stream or polling. */
async function start(ofPrimary: number, ofSecondary: number): Promise<Rig> {
  const primary = await serve({ envelope: envelopeOf({ generation: ofPrimary }) });
  const secondary = await serve({ envelope: envelopeOf({ generation: ofSecondary }) });
  primary.configs.answerNext('hold');
  const stub = await TelemetryStub.start(200);
  onTestFinished(() => stub.stop());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: BEGIN });
  onTestFinished(() => void vi.useRealTimers());
  const starting = QuonfigService.create(
    optionsFor(primary, {
      apiUrls: [primary.url, secondary.url],
      telemetryUrl: stub.url,
      enableSSE: false,
      fallbackPollEnabled: false,
      enableQuonfigUserContext: false,
      logger: new RecordingLogger(),
    }),
  );
  await until(() => primary.configs.holding === 1);
  const report = async (service: QuonfigService) => {
    const before = stub.requests.length;
    await service.flush();
    const request = stub.requests[before];
    if (request === undefined) return undefined;
    const { events } = JSON.parse(request.body) as { events: object[] };
    return Object.assign({}, ...events) as Record<string, any>;
  };
  return { primary, secondary, starting, report };
}

/** Waits in real time; the fake clock stands still. */
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; turns < 200_000 && !condition(); turns++) await turn();
  expect(condition(), condition.toString()).toBe(true);
}

describe('the failover event', () => {
  it('the failover event counts hedges, older envelopes and installs per API, starting at the first of them', async () => {
    const { primary, secondary, starting, report } = await start(41, 42);
    secondary.configs.answerNext('hold');
    await vi.advanceTimersByTimeAsync(2_000);
    await until(() => secondary.configs.holding === 1);
    await vi.advanceTimersByTimeAsync(500);
    secondary.configs.release();
    const service = await starting;
    onTestFinished(() => service.close());
    expect(service.heldGeneration()).toBe(42);
    await vi.advanceTimersByTimeAsync(1_000);
    primary.configs.release();
    await until(() => service.metrics().guardRejected === 1);
    for (const generation of [43, 44]) {
      primary.publish(envelopeOf({ generation }));
      await service.refresh();
    }
    await vi.advanceTimersByTimeAsync(4_000);
    expect((await report(service))?.['failover']).toEqual({
      ...nothing,
      start: BEGIN + 2_000,
      end: BEGIN + 7_500,
      hedgeFired: 1,
      guardRejected: 1,
      resolvedFromPrimary: 2,
      resolvedFromSecondary: 1,
    });
    expect(secondary.configs.requests).toHaveLength(1);
  });

  it('the failover event is absent while nothing is counted, and starts again with the next count', async () => {
    const { primary, secondary, starting, report } = await start(1, 1);
    primary.configs.release();
    const service = await starting;
    onTestFinished(() => service.close());
    expect((await report(service))?.['failover']).toEqual({
      ...nothing,
      start: BEGIN,
      end: BEGIN,
      resolvedFromPrimary: 1,
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await report(service)).toBeUndefined();
    await service.refresh();
    expect(await report(service)).toBeUndefined();

    await vi.advanceTimersByTimeAsync(50_000);
    primary.configs.answerNext({ status: 503 });
    secondary.publish(envelopeOf({ generation: 2 }));
    secondary.configs.answerNext('hold');
    const refreshed = service.refresh();
    await until(() => secondary.configs.holding === 1);
    await vi.advanceTimersByTimeAsync(500);
    secondary.configs.release();
    await refreshed;
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await report(service))?.['failover']).toEqual({
      ...nothing,
      start: BEGIN + 110_000,
      end: BEGIN + 120_500,
      hedgeFired: 1,
      resolvedFromSecondary: 1,
    });
  });

  it('the failover event starts at an older envelope if it counts nothing else', async () => {
    const { primary, starting, report } = await start(7, 7);
    primary.configs.release();
    const service = await starting;
    onTestFinished(() => service.close());
    await report(service);
    await vi.advanceTimersByTimeAsync(30_000);
    primary.publish(envelopeOf({ generation: 6 }));
    await service.refresh();
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await report(service))?.['failover']).toEqual({
      ...nothing,
      start: BEGIN + 30_000,
      end: BEGIN + 31_000,
      guardRejected: 1,
    });
  });
});
