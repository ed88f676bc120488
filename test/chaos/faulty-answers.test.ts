import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeOf, eventOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const withoutStream = { enableSSE: false };

describe('Answers of the addresses', () => {
  it.each([
    ['an envelope that is none', { status: 200, body: '{"configs":"all","meta":{}}' }],
    ['a page', { status: 200, type: 'text/html', body: '<!doctype html><p>Sign in' }],
  ])('with %s from the primary lead to the secondary at once', async (_, behaviour) => {
    network.primary.behaviour = behaviour;
    const service = await network.start(withoutStream);
    expect(Date.now()).toBeLessThan(100);
    expect(service.resolvedFrom()).toBe('secondary');
    expect(service.configInstallCount()).toBe(1);
  });

  it('of "not changed" from both are a success that installs nothing', async () => {
    const service = await network.start(withoutStream);
    network.primary.behaviour = 'refuse';
    await service.refresh();
    network.primary.behaviour = { lateMs: 3_000 };
    const before = service.lastSuccessfulRefresh()!;
    const refreshing = service.refresh();
    await network.until(5_000);
    await expect(refreshing).resolves.toBeUndefined();
    expect(network.secondary.asked).toHaveLength(2);
    expect(service.configInstallCount()).toBe(1);
    expect(service.lastSuccessfulRefresh()!.getTime()).toBeGreaterThan(before.getTime());
  });

  it('whose body stalls are made up for by the secondary, and given up at the limit', async () => {
    network.primary.behaviour = { stallAfter: '{"meta":{"version":"v1"},"configs":[' };
    const service = await network.start(withoutStream);
    expect(service.resolvedFrom()).toBe('secondary');
    expect(Date.now()).toBeLessThanOrEqual(4_000);
    await network.until(30_000);
    expect(service.configInstallCount()).toBe(1);
    expect(service.metrics().failedRefreshes).toBe(0);
  });

  it('that the secondary never gives after the primary failed end the start at the limit of one request', async () => {
    network.primary.behaviour = 'refuse';
    network.secondary.behaviour = 'hang';
    await expect(network.start(withoutStream)).rejects.not.toMatchObject({
      code: 'initialization_timeout',
    });
    expect(Date.now()).toBeGreaterThanOrEqual(6_000);
    expect(Date.now()).toBeLessThan(7_000);
  });
});

describe('The stream beside HTTP', () => {
  it('does not lead back with an event that is older than what is held', async () => {
    network.publish(envelopeOf({ generation: 42, values: { greeting: 'new' } }));
    const service = await network.start();
    await network.until(5_000);
    network.stream.write(eventOf(envelopeOf({ generation: 41, values: { greeting: 'old' } })));
    await network.until(10_000);
    expect(service.getString('greeting')).toBe('new');
    expect(service.heldGeneration()).toBe(42);
    expect(service.metrics().guardRejected).toBe(1);
    expect(network.following()).toBe(true);
  });

  it.each(['stream', 'HTTP'] as const)(
    'races with it: the newest wins when %s has it',
    async (newest) => {
      const installed: number[] = [];
      const service = await network.start({
        onConfigUpdate: ({ generation }) => void installed.push(generation),
      });
      await network.until(5_000);
      const [byStream, byHttp] = newest === 'stream' ? [3, 2] : [2, 3];
      network.primary.envelope = envelopeOf({ generation: byHttp });
      network.stream.publish(envelopeOf({ generation: byStream }));
      await service.refresh();
      await network.until(10_000);
      expect(service.heldGeneration()).toBe(3);
      expect(installed).toEqual([...installed].sort((a, b) => a - b));
      expect(new Set(installed).size).toBe(installed.length);
    },
  );

  it('may take 30 s for its headers on a cold workspace: nothing is restarted or polled', async () => {
    network.stream.suffer({ headersAfterMs: 30_000 });
    const service = await network.start();
    await network.until(29_000, () => expect(service.fallbackPollerActive()).toBe(false));
    await network.holds(60_000, 95_000, network.following);
    expect(network.restarts).toBe(0);
    expect(network.primary.asked).toHaveLength(1);
    expect(network.log.lines('warn')).toEqual([]);
  });
});
