import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

const MINUTE = 60_000;

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const state = (): string => network.service.connectionState();
const connected = (): boolean => state() === 'connected';

describe('the stream with real durations', () => {
  it('01 baseline: the stream stays connected without faults', async () => {
    await network.start();
    await network.within(5_000, connected);
    await network.holds(25_000, 30_000, network.streaming);
    expect(network.restarts).toBe(0);
  });

  it('02 silent stall: the stream reconnects at the read deadline', async () => {
    network.at(5_000, () => network.stream.inject({ stall: true }));
    network.at(125_000, () => network.stream.inject({}));
    await network.start();
    await network.within(5_000, connected);
    await network.within(95_000, () => network.restarts >= 1);
    expect(network.service.metrics().restarts.stream.read_timeout).toBe(1);
    expect(state()).toBe('disconnected');
    await network.within(180_000, connected);
  });

  it('03 latency: bytes that arrive 5 s late cause no reconnect', async () => {
    network.at(5_000, () => network.stream.inject({ delayMs: 5_000 }));
    network.at(20_000, () => network.publish(envelopeOf({ generation: 2 })));
    await network.start();
    await network.within(10_000, connected);
    await network.until(24_500);
    expect(network.service.heldGeneration()).toBe(1);
    await network.holds(30_000, 60_000, network.streaming);
    expect(network.service.heldGeneration()).toBe(2);
    expect(network.restarts).toBe(0);
  });

  it('04 bandwidth: the client recovers from an envelope that could not arrive completely', async () => {
    const values = { large: 'x'.repeat(300_000) };
    network.publish(envelopeOf({ generation: 1, values }));
    network.at(2_000, () => network.stream.inject({ bytesPerSecond: 1_000 }));
    // Without this, the envelope would have arrived earlier.
    network.at(2_500, () => network.stream.cut());
    network.at(10_000, () => network.publish(envelopeOf({ generation: 2, values })));
    network.at(30_000, () => network.stream.inject({}));
    await network.start();
    await network.until(2_000);
    expect(['connected', 'initializing']).toContain(state());
    await network.until(29_500);
    expect(network.service.heldGeneration()).toBe(1);
    await network.within(60_000, () => connected() && network.service.heldGeneration() === 2);
    expect(network.log.lines('error')).toEqual([]);
  });

  it('05 stream down: fallback polling keeps configs fresh until the stream is back', async () => {
    const { stream } = network;
    network.at(5_000, () => stream.inject({ refuse: true }));
    network.at(185_000, () => stream.inject({}));
    const service = await network.start();
    const age = (): number => Date.now() - service.lastSuccessfulRefresh()!.getTime();
    await network.within(5_000, connected);
    await network.within(
      135_000,
      () => state() === 'falling_back' && service.fallbackPollerActive(),
    );
    await network.holds(MINUTE, 200_000, () => age() <= 70_000);
    // Nothing was published, so every poll returned "not modified".
    expect(service.configInstallCount()).toBe(1);
    await network.within(230_000, network.streaming);
  });

  it('06 total partition: the client retries with backoff while reads continue', async () => {
    network.publish(envelopeOf({ values: { greeting: 'hello' } }));
    const partition = (over: boolean): void => {
      network.stream.inject({ refuse: !over });
      network.primary.behavior = network.secondary.behavior = over ? 'serve' : 'refuse';
    };
    network.at(5_000, () => partition(false));
    network.at(185_000, () => partition(true));
    const service = await network.start();
    await network.within(5_000, connected);
    await network.within(30_000, () => !connected());
    await network.until(185_000, () => {
      expect(connected()).toBe(false);
      expect(network.restarts).toBeLessThan(200);
      expect(service.getString('greeting')).toBe('hello');
    });
    expect(service.metrics().restarts.poll.worker_throw).toBeGreaterThan(0);
    await network.within(230_000, network.streaming);
  });

  it('07 half-open: a stream that ends after one byte is not "connected" and is retried', async () => {
    network.at(5_000, () => network.stream.inject({ oneByte: true }));
    network.at(30_000, () => network.stream.inject({}));
    const states: string[] = [];
    const service = await network.start();
    await network.within(5_000, connected);
    // Also receives states that last no longer than one of those connections.
    service.connectionState$.subscribe((each) => states.push(each));
    await network.until(15_000);
    expect(network.restarts).toBeGreaterThanOrEqual(1);
    await network.until(29_500);
    expect(states).toEqual(['connected', 'disconnected']);
    await network.within(60_000, connected);
    expect(service.metrics().restarts.stream.worker_exit).toBeGreaterThanOrEqual(2);
  });

  it('08 auth failure: a refused SDK key is logged in one error and never retried', async () => {
    network.stream.inject({ status: 401 });
    const service = await network.start();
    await network.within(10_000, () => !connected());
    await network.until(MINUTE, () => {
      expect(connected()).toBe(false);
      expect(service.metrics().connectAttempts).toBe(1);
    });
    expect(network.log.lines('error')).toEqual([expect.stringMatching(/401|unauthor/i)]);
  });

  it('09 flapping: every aborted connection is one restart, and delays stay short', async () => {
    for (let kill = 0; kill < 5; kill++) {
      network.at(5_000 + kill * 6_000, () => network.stream.inject({ refuse: true }));
      network.at(5_300 + kill * 6_000, () => network.stream.inject({}));
    }
    const service = await network.start();
    await network.within(5_000, connected);
    await network.within(90_000, () => network.restarts >= 5);
    await network.holds(30_000, 90_000, () => service.metrics().connectAttempts < 100);
    await network.until(90_000);
    expect(connected()).toBe(true);
    // The stream is back by the retry half a second after each abort.
    expect(network.restarts).toBe(5);
  });

  it('10 callback throw: the error is logged while the stream and its updates continue', async () => {
    const received: number[] = [];
    network.at(10_000, () => network.publish(envelopeOf({ generation: 2 })));
    const service = await network.start({
      onConfigUpdate: ({ generation }) => {
        received.push(generation);
        throw new Error('not mine');
      },
    });
    await network.until(45_000);
    expect(connected()).toBe(true);
    expect(received).toEqual([1, 2]);
    const errors = network.log
      .lines('error')
      .filter((line) => /callback|onConfigUpdate/i.test(line));
    expect(errors).toHaveLength(2);
    expect(service.metrics().callbackErrors).toBe(2);
    expect(network.restarts).toBe(0);
  });

  it('11 null hypothesis: half an hour without faults causes no further requests and no warnings', async () => {
    const service = await network.start();
    await network.within(5_000, connected);
    await network.until(30 * MINUTE, () => expect(network.streaming()).toBe(true));
    expect(network.restarts).toBe(0);
    expect(service.metrics().restarts.poll.worker_throw).toBe(0);
    expect(network.primary.requestTimes).toHaveLength(1);
    expect(network.stream.requestTimes).toHaveLength(1);
    expect(network.log.lines('warn')).toEqual([]);
  });
});
