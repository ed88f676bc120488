import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const state = (): string => network.service.connectionState();

/** The waits between attempts, in ms. */
function waits(): number[] {
  const { asked } = network.stream;
  return asked.slice(1).map((moment, index) => moment - asked[index]!);
}

describe('The supervisor of the stream', () => {
  it('1 restart: a first run that fails is followed by a second within a second', async () => {
    network.stream.suffer({ refuse: true });
    network.at(100, () => network.stream.suffer({ stall: true }));
    await network.start({ random: () => 1 });
    await network.until(1_100);
    expect(network.stream.asked).toHaveLength(2);
    await network.until(60_000);
    expect(network.stream.asked).toHaveLength(2);
  });

  it('2 backoff: the waits double from 500 ms to 30 s', async () => {
    network.stream.suffer({ refuse: true });
    await network.start();
    await network.until(100_000);
    expect(waits()).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it.each([
    [0, [400, 800, 1_600, 3_200]],
    [1, [600, 1_200, 2_400, 4_800]],
  ])('2 backoff: the jitter is at most 20 % (chance %d)', async (chance, expected) => {
    network.stream.suffer({ refuse: true });
    await network.start({ random: () => chance });
    await network.until(10_000);
    expect(waits().slice(0, 4)).toEqual(expected);
  });

  it('2b reset: after a run that delivered and ended cleanly the wait is 500 ms again', async () => {
    network.stream.suffer({ refuse: true });
    network.at(7_000, () => network.stream.suffer({}));
    network.at(12_500, () => network.stream.end());
    await network.start();
    await network.until(14_000);
    expect(waits().slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    const [last] = network.stream.asked.slice(-1);
    expect(last).toBe(13_000);
    expect(state()).toBe('connected');
  });

  it('3 shutdown: a run that blocks for ever does not hold up close()', async () => {
    network.stream.suffer({ stall: true });
    const service = await network.start();
    await network.until(1_000);
    const closed = vi.fn();
    const closing = service.close().finally(closed);
    expect(state()).toBe('disconnected');
    await network.within(6_000, () => closed.mock.calls.length > 0);
    await closing;
    await service.close();
    expect(state()).toBe('disconnected');
    network.stream.suffer({});
    await network.until(200_000);
    expect(network.stream.asked).toHaveLength(1);
  });

  it('4 counter: three failures are three restarts, by layer and reason', async () => {
    network.stream.suffer({ refuse: true });
    const service = await network.start();
    const none = { worker_throw: 0, worker_exit: 0, read_timeout: 0 };
    network.at(2_500, () => network.stream.suffer({}));
    await network.until(60_000);
    expect(service.metrics().restarts).toEqual({
      stream: { ...none, worker_throw: 3 },
      poll: none,
    });
    expect(service.metrics().sdkVersion).toMatch(/^nestjs-\d/);
  });

  it('4 counter: is 0 before anything failed, and the snapshot is plain JSON', async () => {
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
  ])('5 callback: one that %s is logged with its stack, and hears of the next', async (_, fail) => {
    const heard: number[] = [];
    const service = await network.start({
      onConfigUpdate: ({ generation }) => {
        heard.push(generation);
        return generation === 2 ? fail() : undefined;
      },
    });
    for (const generation of [2, 3]) network.publish(envelopeOf({ generation }));
    await network.until(5_000);
    expect(heard).toEqual([1, 2, 3]);
    expect(network.log.lines('error')).toEqual([expect.stringMatching(/not mine[^]*\n\s+at /)]);
    expect(service.metrics().callbackErrors).toBe(1);
    expect(network.restarts).toBe(0);
    expect(state()).toBe('connected');
  });
});

describe('What the client says of itself', () => {
  it('6 states: goes through four words, in their order, and knows no other', async () => {
    const states: string[] = [];
    network.primary.behaviour = network.secondary.behaviour = { status: 503 };
    network.stream.suffer({ headersAfterMs: 5_000 });
    network.at(10_000, () => {
      network.primary.behaviour = 'serve';
      network.stream.suffer({ refuse: true });
    });
    network.at(150_000, () => network.stream.suffer({}));
    const service = await network.start({ onInitFailure: 'return-defaults' });
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

  it('6 refresh: advances with every proof, not with failures, and is kept after the end', async () => {
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
    const proven = service.lastSuccessfulRefresh();
    network.stream.suffer({ refuse: true });
    network.primary.behaviour = network.secondary.behaviour = 'refuse';
    await network.until(300_000);
    await service.close();
    expect(service.lastSuccessfulRefresh()).toEqual(proven);
  });

  it('6 docs: the accessor of the last refresh warns against liveness probes', () => {
    const source = readFileSync(
      new URL('../../lib/client/quonfig.service.ts', import.meta.url),
      'utf8',
    );
    const doc = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s+lastSuccessfulRefresh\(/.exec(source)?.[1];
    expect(doc).toMatch(/liveness/i);
  });

  it('6 honesty: after a suspension it is not "connected" until something has succeeded', async () => {
    const service = await network.start();
    await network.until(1_000);
    expect(state()).toBe('connected');
    network.stream.suffer({ refuse: true });
    network.primary.behaviour = network.secondary.behaviour = 'refuse';
    service.suspend();
    expect(state()).toBe('disconnected');
    service.resume().catch(() => undefined);
    await network.until(60_000, () => expect(state()).not.toBe('connected'));
    network.stream.suffer({});
    await network.within(100_000, () => state() === 'connected');
  });

  it('6 honesty: a client without stream and polling is "disconnected" once it is closed', async () => {
    const service = await network.start({ enableSSE: false, fallbackPollEnabled: false });
    expect(state()).toBe('connected');
    await service.close();
    expect(state()).toBe('disconnected');
  });
});
