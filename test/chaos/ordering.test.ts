import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

/** Starts a client without a stream, whose APIs serve these generations; it must be ready by 4000 ms. */
async function start(primary: number, secondary: number): Promise<void> {
  network.primary.envelope = envelopeOf({ generation: primary });
  network.secondary.envelope = envelopeOf({ generation: secondary });
  await network.start({ enableSSE: false });
  expect(Date.now()).toBeLessThanOrEqual(4_000);
  expect(network.service.ready()).toBe(true);
}

interface Current {
  generation: number;
  installs: number;
  from: 'primary' | 'secondary';
}

/** What the current configs are, and where they came from. */
function current(): Current {
  const { service } = network;
  return {
    generation: service.heldGeneration(),
    installs: service.configInstallCount(),
    from: service.resolvedFrom() as Current['from'],
  };
}

/** Expects the current configs to stay as given until a moment. */
async function remains(expected: Current, moment: number): Promise<void> {
  expect(current()).toEqual(expected);
  await network.until(moment, () => expect(current()).toEqual(expected));
}

describe('the order of generations', () => {
  it('o01 secondary newer: the secondary is not queried while the primary answers', async () => {
    await start(41, 42);
    await remains({ generation: 41, installs: 1, from: 'primary' }, 9_000);
    expect(network.secondary.requestTimes).toEqual([]);
  });

  it('o02 secondary older: its envelope is dropped while the primary is refused', async () => {
    network.at(5_000, () => (network.primary.behavior = 'refuse'));
    network.at(8_000, () => void network.service.refresh());
    network.at(17_000, () => (network.primary.behavior = 'serve'));
    await start(42, 41);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 20_000);
    expect(network.secondary.requestTimes).toHaveLength(1);
    expect(network.service.metrics().guardRejected).toBe(1);
  });

  it('o03 late primary heals: its newer envelope replaces that of the secondary', async () => {
    network.primary.behavior = { lateMs: 3_000 };
    await start(42, 41);
    expect(network.service.heldGeneration()).toBe(41);
    await network.until(4_000);
    await remains({ generation: 42, installs: 2, from: 'primary' }, 12_000);
  });

  it('o04 same generation: the envelope is installed once', async () => {
    await start(42, 42);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 12_000);
  });

  it('o04 same generation: the envelope is installed once even if both APIs return it', async () => {
    network.primary.behavior = { lateMs: 3_000 };
    await start(42, 42);
    await remains({ generation: 42, installs: 1, from: 'secondary' }, 12_000);
    expect(network.service.metrics().guardRejected).toBe(0);
  });

  it('o05 late older primary: its envelope is dropped', async () => {
    network.primary.behavior = { lateMs: 3_000 };
    await start(41, 42);
    await remains({ generation: 42, installs: 1, from: 'secondary' }, 12_000);
    expect(network.service.metrics().guardRejected).toBe(1);
  });

  it('o06 unversioned standby: the secondary is not queried while the primary answers', async () => {
    await start(42, 0);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 12_000);
    expect(network.secondary.requestTimes).toEqual([]);
  });

  it('an unversioned envelope of the secondary never replaces a versioned one', async () => {
    await start(42, 0);
    network.primary.behavior = 'refuse';
    await network.service.refresh();
    await network.service.refresh();
    expect(network.secondary.requestTimes).toHaveLength(2);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 5_000);
  });

  it('an unversioned envelope is installed first and replaced by the first versioned one', async () => {
    network.primary.behavior = 'refuse';
    network.at(6_000, () => (network.primary.behavior = 'serve'));
    await start(42, 0);
    await remains({ generation: 0, installs: 1, from: 'secondary' }, 5_000);
    await network.within(70_000, () => network.service.heldGeneration() === 42);
    expect(current()).toEqual({ generation: 42, installs: 2, from: 'primary' });
  });
});
