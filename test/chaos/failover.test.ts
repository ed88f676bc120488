import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const withoutStream = { enableSSE: false };

/** The client is there, thanks to the secondary, by 4000 ms. */
async function savedBySecondary(): Promise<void> {
  const service = await network.start(withoutStream);
  expect(Date.now()).toBeLessThanOrEqual(4_000);
  expect(service.ready()).toBe(true);
  expect(service.resolvedFrom()).toBe('secondary');
}

describe('The two addresses for configs', () => {
  it('f01 primary refused: the secondary is asked at once, and the client stays ready', async () => {
    network.primary.behaviour = 'refuse';
    network.at(15_000, () => (network.primary.behaviour = 'serve'));
    await savedBySecondary();
    expect(network.secondary.asked[0]).toBeLessThan(100);
    await network.until(9_000, () => expect(network.service.ready()).toBe(true));
    expect(network.service.metrics()).toMatchObject({ failovers: 1, hedges: 0 });
  });

  it('f02 primary hangs: the secondary is asked after the hedge delay, not after the init limit', async () => {
    network.primary.behaviour = 'hang';
    await savedBySecondary();
    expect(network.secondary.asked).toEqual([2_000]);
    // The primary is given up at the limit of its request, which hurts nobody.
    await network.until(30_000, () => expect(network.service.ready()).toBe(true));
    expect(network.service.metrics()).toMatchObject({ failovers: 0, hedges: 1, installs: 1 });
  });

  it('f03 primary slow: the secondary answers in its place', async () => {
    network.primary.behaviour = { lateMs: 30_000 };
    await savedBySecondary();
    await network.until(40_000);
    expect(network.service.configInstallCount()).toBe(1);
  });

  it('f04 recovery: the client is ready throughout, and the primary is asked first again', async () => {
    network.primary.behaviour = 'refuse';
    network.at(6_000, () => (network.primary.behaviour = 'serve'));
    await savedBySecondary();
    await network.until(20_000, () => expect(network.service.ready()).toBe(true));
    const asked = network.secondary.asked.length;
    await network.service.refresh();
    expect(network.secondary.asked).toHaveLength(asked);
  });

  it('f05 stream does not fail over: it is asked at its own address only', async () => {
    network.at(2_000, () => network.stream.suffer({ refuse: true }));
    network.at(22_000, () => network.stream.suffer({}));
    const service = await network.start();
    expect(service.ready()).toBe(true);
    await network.until(22_000, () => {
      expect(service.sseFailedOverToSecondary()).toBe(false);
      expect(service.ready()).toBe(true);
    });
    await network.within(60_000, network.following);
    expect([...network.addresses].filter((address) => address.includes('sse'))).toEqual([
      'stream.primary.test/api/v2/sse/config',
    ]);
  });
});
