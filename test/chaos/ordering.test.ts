import { beforeEach, describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

/** A client without a stream, whose addresses have sets of their own; it must be there by 4000 ms. */
async function start(primary: number, secondary: number): Promise<void> {
  network.primary.envelope = envelopeOf({ generation: primary });
  network.secondary.envelope = envelopeOf({ generation: secondary });
  await network.start({ enableSSE: false });
  expect(Date.now()).toBeLessThanOrEqual(4_000);
  expect(network.service.ready()).toBe(true);
}

interface Held {
  generation: number;
  installs: number;
  from: 'primary' | 'secondary';
}

/** What is held. */
function held(): Held {
  const { service } = network;
  return {
    generation: service.heldGeneration(),
    installs: service.configInstallCount(),
    from: service.resolvedFrom() as Held['from'],
  };
}

/** It is this, until a moment. */
async function remains(expected: Held, moment: number): Promise<void> {
  expect(held()).toEqual(expected);
  await network.until(moment, () => expect(held()).toEqual(expected));
}

describe('Generations', () => {
  it('o01 secondary newer: it is not asked while the primary answers', async () => {
    await start(41, 42);
    await remains({ generation: 41, installs: 1, from: 'primary' }, 9_000);
    expect(network.secondary.asked).toEqual([]);
  });

  it('o02 secondary older: it does not lead back while the primary is refused', async () => {
    network.at(5_000, () => (network.primary.behaviour = 'refuse'));
    network.at(8_000, () => void network.service.refresh());
    network.at(17_000, () => (network.primary.behaviour = 'serve'));
    await start(42, 41);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 20_000);
    expect(network.secondary.asked).toHaveLength(1);
    expect(network.service.metrics().guardRejected).toBe(1);
  });

  it('o03 late primary heals: the older set of the secondary gives way to it', async () => {
    network.primary.behaviour = { lateMs: 3_000 };
    await start(42, 41);
    expect(network.service.heldGeneration()).toBe(41);
    await network.until(4_000);
    await remains({ generation: 42, installs: 2, from: 'primary' }, 12_000);
  });

  it('o04 same generation: is installed once', async () => {
    await start(42, 42);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 12_000);
  });

  it('o04 same generation: is installed once also when both answer', async () => {
    network.primary.behaviour = { lateMs: 3_000 };
    await start(42, 42);
    await remains({ generation: 42, installs: 1, from: 'secondary' }, 12_000);
    expect(network.service.metrics().guardRejected).toBe(0);
  });

  it('o05 late older primary: is dropped', async () => {
    network.primary.behaviour = { lateMs: 3_000 };
    await start(41, 42);
    await remains({ generation: 42, installs: 1, from: 'secondary' }, 12_000);
    expect(network.service.metrics().guardRejected).toBe(1);
  });

  it('o06 unversioned standby: never reaches an established client', async () => {
    await start(42, 0);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 12_000);
    expect(network.secondary.asked).toEqual([]);
  });

  it('an unversioned secondary that answers for a refused primary changes nothing', async () => {
    await start(42, 0);
    network.primary.behaviour = 'refuse';
    await network.service.refresh();
    await network.service.refresh();
    expect(network.secondary.asked).toHaveLength(2);
    await remains({ generation: 42, installs: 1, from: 'primary' }, 5_000);
  });

  it('an unversioned set is better than none, and heals to the first with a generation', async () => {
    network.primary.behaviour = 'refuse';
    network.at(6_000, () => (network.primary.behaviour = 'serve'));
    await start(42, 0);
    await remains({ generation: 0, installs: 1, from: 'secondary' }, 5_000);
    await network.within(70_000, () => network.service.heldGeneration() === 42);
    expect(held()).toEqual({ generation: 42, installs: 2, from: 'primary' });
  });
});
