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

describe('The stream, in real durations', () => {
  it('01 baseline: is followed without a break when nothing is wrong', async () => {
    await network.start();
    await network.within(5_000, connected);
    await network.holds(25_000, 30_000, network.following);
    expect(network.restarts).toBe(0);
  });

  it('02 silent stall: an open socket without bytes is given up at the read deadline', async () => {
    network.at(5_000, () => network.stream.suffer({ stall: true }));
    network.at(125_000, () => network.stream.suffer({}));
    await network.start();
    await network.within(5_000, connected);
    await network.within(95_000, () => network.restarts >= 1);
    expect(network.service.metrics().restarts.stream.read_timeout).toBe(1);
    expect(state()).toBe('disconnected');
    await network.within(180_000, connected);
  });

  it('03 latency: bytes that come 5 s late are no reason to reconnect', async () => {
    network.at(5_000, () => network.stream.suffer({ delayMs: 5_000 }));
    network.at(20_000, () => network.publish(envelopeOf({ generation: 2 })));
    await network.start();
    await network.within(10_000, connected);
    await network.until(24_500);
    expect(network.service.heldGeneration()).toBe(1);
    await network.holds(30_000, 60_000, network.following);
    expect(network.service.heldGeneration()).toBe(2);
    expect(network.restarts).toBe(0);
  });

  it('04 bandwidth: an envelope that cannot finish does no lasting harm', async () => {
    const values = { large: 'x'.repeat(300_000) };
    network.publish(envelopeOf({ generation: 1, values }));
    network.at(2_000, () => network.stream.suffer({ bytesPerSecond: 1_000 }));
    // Without this, the envelope would have come before.
    network.at(2_500, () => network.stream.cut());
    network.at(10_000, () => network.publish(envelopeOf({ generation: 2, values })));
    network.at(30_000, () => network.stream.suffer({}));
    await network.start();
    await network.until(2_000);
    expect(['connected', 'initializing']).toContain(state());
    await network.until(29_500);
    expect(network.service.heldGeneration()).toBe(1);
    await network.within(60_000, () => connected() && network.service.heldGeneration() === 2);
    expect(network.log.lines('error')).toEqual([]);
  });

  it('05 stream down: polling takes over, keeps what is held fresh, and gives way again', async () => {
    const { stream } = network;
    network.at(5_000, () => stream.suffer({ refuse: true }));
    network.at(185_000, () => stream.suffer({}));
    const service = await network.start();
    const age = (): number => Date.now() - service.lastSuccessfulRefresh()!.getTime();
    await network.within(5_000, connected);
    await network.within(
      135_000,
      () => state() === 'falling_back' && service.fallbackPollerActive(),
    );
    await network.holds(MINUTE, 200_000, () => age() <= 70_000);
    // Nothing was published: each of those polls was answered by "not changed".
    expect(service.configInstallCount()).toBe(1);
    await network.within(230_000, network.following);
  });

  it('06 total partition: is survived with restraint, and reads go on', async () => {
    network.publish(envelopeOf({ values: { greeting: 'hello' } }));
    const partition = (over: boolean): void => {
      network.stream.suffer({ refuse: !over });
      network.primary.behaviour = network.secondary.behaviour = over ? 'serve' : 'refuse';
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
    await network.within(230_000, network.following);
  });

  it('07 half-open: status 200, one byte and an end is not connected, and is retried', async () => {
    network.at(5_000, () => network.stream.suffer({ oneByte: true }));
    network.at(30_000, () => network.stream.suffer({}));
    const states: string[] = [];
    const service = await network.start();
    await network.within(5_000, connected);
    // Also a state that lasts no longer than one of those connections is heard.
    service.connectionState$.subscribe((each) => states.push(each));
    await network.until(15_000);
    expect(network.restarts).toBeGreaterThanOrEqual(1);
    await network.until(29_500);
    expect(states).toEqual(['connected', 'disconnected']);
    await network.within(60_000, connected);
    expect(service.metrics().restarts.stream.worker_exit).toBeGreaterThanOrEqual(2);
  });

  it('08 auth failure: a refused key is told in one error and never asked about again', async () => {
    network.stream.suffer({ status: 401 });
    const service = await network.start();
    await network.within(10_000, () => !connected());
    await network.until(MINUTE, () => {
      expect(connected()).toBe(false);
      expect(service.metrics().connectAttempts).toBe(1);
    });
    expect(network.log.lines('error')).toEqual([expect.stringMatching(/401|unauthor/i)]);
  });

  it('09 flapping: every kill is one restart, at waits that do not run away', async () => {
    for (let kill = 0; kill < 5; kill++) {
      network.at(5_000 + kill * 6_000, () => network.stream.suffer({ refuse: true }));
      network.at(5_300 + kill * 6_000, () => network.stream.suffer({}));
    }
    const service = await network.start();
    await network.within(5_000, connected);
    await network.within(90_000, () => network.restarts >= 5);
    await network.holds(30_000, 90_000, () => service.metrics().connectAttempts < 100);
    await network.until(90_000);
    expect(connected()).toBe(true);
    // The stream is there again when it is asked half a second after each kill.
    expect(network.restarts).toBe(5);
  });

  it('10 callback throw: is told as an error; the stream and the updates go on', async () => {
    const heard: number[] = [];
    network.at(10_000, () => network.publish(envelopeOf({ generation: 2 })));
    const service = await network.start({
      onConfigUpdate: ({ generation }) => {
        heard.push(generation);
        throw new Error('not mine');
      },
    });
    await network.until(45_000);
    expect(connected()).toBe(true);
    expect(heard).toEqual([1, 2]);
    const errors = network.log
      .lines('error')
      .filter((line) => /callback|onConfigUpdate/i.test(line));
    expect(errors).toHaveLength(2);
    expect(service.metrics().callbackErrors).toBe(2);
    expect(network.restarts).toBe(0);
  });

  it('11 null hypothesis: nothing happens in half an hour of nothing', async () => {
    const service = await network.start();
    await network.within(5_000, connected);
    await network.until(30 * MINUTE, () => expect(network.following()).toBe(true));
    expect(network.restarts).toBe(0);
    expect(service.metrics().restarts.poll.worker_throw).toBe(0);
    expect(network.primary.asked).toHaveLength(1);
    expect(network.stream.asked).toHaveLength(1);
    expect(network.log.lines('warn')).toEqual([]);
  });
});
