import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeOf, eventOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const withoutStream = { enableSSE: false };

describe('faulty responses of the APIs', () => {
  it.each([
    ['an invalid envelope', { status: 200, body: '{"configs":"all","meta":{}}' }],
    ['an HTML page', { status: 200, type: 'text/html', body: '<!doctype html><p>Sign in' }],
  ])('the secondary is used immediately when the primary returns %s', async (_, behavior) => {
    network.primary.behavior = behavior;
    const service = await network.start(withoutStream);
    expect(Date.now()).toBeLessThan(100);
    expect(service.resolvedFrom()).toBe('secondary');
    expect(service.configInstallCount()).toBe(1);
  });

  it('a refresh succeeds and installs nothing when both APIs return "not modified"', async () => {
    const service = await network.start(withoutStream);
    network.primary.behavior = 'refuse';
    await service.refresh();
    network.primary.behavior = { lateMs: 3_000 };
    const before = service.lastSuccessfulRefresh()!;
    const refreshing = service.refresh();
    await network.until(5_000);
    await expect(refreshing).resolves.toBeUndefined();
    expect(network.secondary.requestTimes).toHaveLength(2);
    expect(service.configInstallCount()).toBe(1);
    expect(service.lastSuccessfulRefresh()!.getTime()).toBeGreaterThan(before.getTime());
  });

  it('the secondary is used when the body of the primary stalls', async () => {
    network.primary.behavior = { stallAfter: '{"meta":{"version":"v1"},"configs":[' };
    const service = await network.start(withoutStream);
    expect(service.resolvedFrom()).toBe('secondary');
    expect(Date.now()).toBeLessThanOrEqual(4_000);
    await network.until(30_000);
    expect(service.configInstallCount()).toBe(1);
    expect(service.metrics().failedRefreshes).toBe(0);
  });

  it('startup fails at initTimeout when the primary fails and the secondary hangs', async () => {
    network.primary.behavior = 'refuse';
    network.secondary.behavior = 'hang';
    await expect(network.start(withoutStream)).rejects.toMatchObject({
      code: 'initialization_timeout',
      message: expect.stringMatching(
        /primary\.test\S* ECONNREFUSED; \S*secondary\.test\S* .*6000 ms/,
      ),
    });
    expect(Date.now()).toBeGreaterThanOrEqual(10_000);
    expect(Date.now()).toBeLessThan(11_000);
  });
});

describe('the stream beside HTTP', () => {
  it('an older event never replaces newer configs', async () => {
    network.publish(envelopeOf({ generation: 42, values: { greeting: 'new' } }));
    const service = await network.start();
    await network.until(5_000);
    network.stream.write(eventOf(envelopeOf({ generation: 41, values: { greeting: 'old' } })));
    await network.until(10_000);
    expect(service.getString('greeting')).toBe('new');
    expect(service.heldGeneration()).toBe(42);
    expect(service.metrics().guardRejected).toBe(1);
    expect(network.streaming()).toBe(true);
  });

  it.each(['stream', 'HTTP'] as const)(
    'the newest envelope wins the race when it arrives over %s',
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

  it('response headers that take 30 s cause no restart and no polling', async () => {
    network.stream.inject({ headersAfterMs: 30_000 });
    const service = await network.start();
    await network.until(29_000, () => expect(service.fallbackPollerActive()).toBe(false));
    await network.holds(60_000, 95_000, network.streaming);
    expect(network.restarts).toBe(0);
    expect(network.primary.requestTimes).toHaveLength(1);
    expect(network.log.lines('warn')).toEqual([]);
  });
});
