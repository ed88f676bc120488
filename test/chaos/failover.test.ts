import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const withoutStream = { enableSSE: false };

/** The client is ready by 4000 ms, with configs of the secondary. */
async function startFromSecondary(): Promise<void> {
  const service = await network.start(withoutStream);
  expect(Date.now()).toBeLessThanOrEqual(4_000);
  expect(service.ready()).toBe(true);
  expect(service.resolvedFrom()).toBe('secondary');
}

describe('failover of the config APIs', () => {
  it('f01 primary refused: the secondary is queried immediately and the client stays ready', async () => {
    network.primary.behavior = 'refuse';
    network.at(15_000, () => (network.primary.behavior = 'serve'));
    await startFromSecondary();
    expect(network.secondary.requestTimes[0]).toBeLessThan(100);
    await network.until(9_000, () => expect(network.service.ready()).toBe(true));
    expect(network.service.metrics()).toMatchObject({ failovers: 1, hedges: 0 });
  });

  it('f02 primary hangs: the secondary is queried after the hedge delay', async () => {
    network.primary.behavior = 'hang';
    await startFromSecondary();
    expect(network.secondary.requestTimes).toEqual([2_000]);
    // The request to the primary is aborted at its timeout, without any effect.
    await network.until(30_000, () => expect(network.service.ready()).toBe(true));
    expect(network.service.metrics()).toMatchObject({ failovers: 0, hedges: 1, installs: 1 });
  });

  it('f03 primary slow: the secondary delivers the configs', async () => {
    network.primary.behavior = { lateMs: 30_000 };
    await startFromSecondary();
    await network.until(40_000);
    expect(network.service.configInstallCount()).toBe(1);
  });

  it('f04 recovery: the client stays ready, and the primary is queried first again', async () => {
    network.primary.behavior = 'refuse';
    network.at(6_000, () => (network.primary.behavior = 'serve'));
    await startFromSecondary();
    await network.until(20_000, () => expect(network.service.ready()).toBe(true));
    const requests = network.secondary.requestTimes.length;
    await network.service.refresh();
    expect(network.secondary.requestTimes).toHaveLength(requests);
  });

  it('f05 no stream failover: the stream is requested only from its own URL', async () => {
    network.at(2_000, () => network.stream.inject({ refuse: true }));
    network.at(22_000, () => network.stream.inject({}));
    const service = await network.start();
    expect(service.ready()).toBe(true);
    await network.until(22_000, () => {
      expect(service.sseFailedOverToSecondary()).toBe(false);
      expect(service.ready()).toBe(true);
    });
    await network.within(60_000, network.streaming);
    expect([...network.addresses].filter((address) => address.includes('sse'))).toEqual([
      'stream.primary.test/api/v2/sse/config',
    ]);
  });
});
