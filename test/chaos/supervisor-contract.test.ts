import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const state = (): string => network.service.connectionState();

/** The delays between attempts, in ms. */
function delays(): number[] {
  const { requestTimes } = network.stream;
  return requestTimes.slice(1).map((moment, index) => moment - requestTimes[index]!);
}

describe('the supervisor of the stream', () => {
  it('1 restart: the supervisor restarts a failed first run within a second', async () => {
    network.stream.inject({ refuse: true });
    network.at(100, () => network.stream.inject({ stall: true }));
    await network.start({ random: () => 1 });
    await network.until(1_100);
    expect(network.stream.requestTimes).toHaveLength(2);
    await network.until(60_000);
    expect(network.stream.requestTimes).toHaveLength(2);
  });

  it('2 backoff: delays double from 500 ms to 30 s', async () => {
    network.stream.inject({ refuse: true });
    await network.start();
    await network.until(100_000);
    expect(delays()).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it.each([
    [0, [400, 800, 1_600, 3_200]],
    [1, [600, 1_200, 2_400, 4_800]],
  ])('2 backoff: jitter is at most 20% (random value %d)', async (chance, expected) => {
    network.stream.inject({ refuse: true });
    await network.start({ random: () => chance });
    await network.until(10_000);
    expect(delays().slice(0, 4)).toEqual(expected);
  });

  it('2b reset: the delay is 500 ms again after a run that delivered and ended cleanly', async () => {
    network.stream.inject({ refuse: true });
    network.at(7_000, () => network.stream.inject({}));
    network.at(12_500, () => network.stream.end());
    await network.start();
    await network.until(14_000);
    expect(delays().slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    const [last] = network.stream.requestTimes.slice(-1);
    expect(last).toBe(13_000);
    expect(state()).toBe('connected');
  });

  it('3 shutdown: close() completes while a run blocks forever', async () => {
    network.stream.inject({ stall: true });
    const service = await network.start();
    await network.until(1_000);
    const closed = vi.fn();
    const closing = service.close().finally(closed);
    expect(state()).toBe('disconnected');
    await network.within(6_000, () => closed.mock.calls.length > 0);
    await closing;
    await service.close();
    expect(state()).toBe('disconnected');
    network.stream.inject({});
    await network.until(200_000);
    expect(network.stream.requestTimes).toHaveLength(1);
  });

  it('4 counter: metrics() counts three failures as restarts by layer and reason', async () => {
    network.stream.inject({ refuse: true });
    const service = await network.start();
    const none = { worker_throw: 0, worker_exit: 0, read_timeout: 0 };
    network.at(2_500, () => network.stream.inject({}));
    await network.until(60_000);
    expect(service.metrics().restarts).toEqual({
      stream: { ...none, worker_throw: 3 },
      poll: none,
    });
    expect(service.metrics().sdkVersion).toMatch(/^nestjs-\d/);
  });

  it('4 counter: metrics() returns plain JSON and no restarts before the first failure', async () => {
    const service = await network.start();
    await network.until(1_000);
    expect(network.restarts).toBe(0);
    const metrics = service.metrics();
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
  });

  const fails = (): never => {
    throw new Error('not mine');
  };

  it.each([
    ['throws', fails],
    ['rejects', async () => fails()],
  ])(
    '5 callback: a callback that %s is logged with its stack and receives the next update',
    async (_, fail) => {
      const received: number[] = [];
      const service = await network.start({
        onConfigUpdate: ({ generation }) => {
          received.push(generation);
          return generation === 2 ? fail() : undefined;
        },
      });
      for (const generation of [2, 3]) network.publish(envelopeOf({ generation }));
      await network.until(5_000);
      expect(received).toEqual([1, 2, 3]);
      expect(network.log.lines('error')).toEqual([expect.stringMatching(/not mine[^]*\n\s+at /)]);
      expect(service.metrics().callbackErrors).toBe(1);
      expect(network.restarts).toBe(0);
      expect(state()).toBe('connected');
    },
  );
});

describe('the reported state of the client', () => {
  it('6 states: the client reports four connection states in order, and no others', async () => {
    const states: string[] = [];
    network.primary.behavior = network.secondary.behavior = { status: 503 };
    network.stream.inject({ headersAfterMs: 5_000 });
    network.at(10_000, () => {
      network.primary.behavior = 'serve';
      network.stream.inject({ refuse: true });
    });
    network.at(150_000, () => network.stream.inject({}));
    const service = await network.start({ onInitFailure: 'return-defaults', initTimeout: 100 });
    expect(service.lastSuccessfulRefresh()).toBeUndefined();
    service.connectionState$.subscribe((each) => states.push(each));
    await network.until(200_000);
    await service.close();
    expect(states).toEqual([
      'initializing',
      'connected',
      'disconnected',
      'falling_back',
      'connected',
      'disconnected',
    ]);
  });

  it('6 refresh: lastSuccessfulRefresh() advances with every success and survives close()', async () => {
    const service = await network.start();
    const age = (): number => Date.now() - service.lastSuccessfulRefresh()!.getTime();
    expect(age()).toBeLessThanOrEqual(1_000);
    await network.until(5_000);
    network.publish(envelopeOf({ generation: 2 }));
    await network.until(5_500);
    expect(age()).toBeLessThanOrEqual(500);
    await network.until(10_000);
    network.publish(envelopeOf({ generation: 1 }));
    await network.until(10_500);
    expect(age()).toBeLessThanOrEqual(500);
    expect(service.metrics().guardRejected).toBe(1);
    const last = service.lastSuccessfulRefresh();
    network.stream.inject({ refuse: true });
    network.primary.behavior = network.secondary.behavior = 'refuse';
    await network.until(300_000);
    await service.close();
    expect(service.lastSuccessfulRefresh()).toEqual(last);
  });

  it('6 docs: the docstring of lastSuccessfulRefresh() warns against liveness probes', () => {
    const source = readFileSync(
      new URL('../../lib/client/service-state.ts', import.meta.url),
      'utf8',
    );
    const doc = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s+lastSuccessfulRefresh\(/.exec(source)?.[1];
    expect(doc).toMatch(/liveness/i);
  });

  it('6 honesty: a resumed client is not "connected" until a request has succeeded', async () => {
    const service = await network.start();
    await network.until(1_000);
    expect(state()).toBe('connected');
    network.stream.inject({ refuse: true });
    network.primary.behavior = network.secondary.behavior = 'refuse';
    service.suspend();
    expect(state()).toBe('disconnected');
    service.resume().catch(() => undefined);
    await network.until(60_000, () => expect(state()).not.toBe('connected'));
    network.stream.inject({});
    await network.within(100_000, () => state() === 'connected');
  });

  it('6 honesty: a client without stream and polling is "disconnected" after close()', async () => {
    const service = await network.start({ enableSSE: false, fallbackPollEnabled: false });
    expect(state()).toBe('connected');
    await service.close();
    expect(state()).toBe('disconnected');
  });
});
