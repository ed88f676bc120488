import { Keyv as Keyv5 } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import { expect, onTestFinished } from 'vitest';
import type { PersistenceStore } from '../../../lib/index.js';
import { envelopeOf } from '../../support/delivery-server.js';
import { connectTo, serve } from '../../support/networked.js';

const NOWHERE = { url: 'http://127.0.0.1:9' };
const QUICK = { initTimeout: 300, configFetchHedgeAbortMs: 200, configFetchHedgeDelayMs: 100 };

export type AnyKeyv = PersistenceStore & { disconnect(): Promise<unknown> };

/** Creates a Keyv with an adapter; in memory without one. */
export type NewKeyv = (adapter?: object) => AnyKeyv;

/** The supported versions of Keyv. */
export const versions: [string, NewKeyv][] = [
  ['5', (adapter) => new Keyv5(adapter as never)],
  ['6', (adapter) => new Keyv6(adapter)],
];

/** Disconnects when the test ends. */
export function disconnectedLater(keyv: AnyKeyv): AnyKeyv {
  onTestFinished(() => void keyv.disconnect().catch(() => undefined));
  return keyv;
}

/** Saves an envelope as a process does that is connected and then ends. */
export async function saveTo(
  store: PersistenceStore,
  generation = 5,
  greeting = 'saved',
): Promise<void> {
  const server = await serve({ envelope: envelopeOf({ generation, values: { greeting } }) });
  const { service } = await connectTo(server, { persistence: { store } });
  await service.close();
  expect(service.metrics().persistence!.writes).toBe(1);
  await server.close();
}

/** The greeting of a process that starts while the delivery service is unreachable. */
export async function greetingSavedIn(store: PersistenceStore): Promise<unknown> {
  const { service } = await connectTo(NOWHERE, { ...QUICK, persistence: { store } });
  expect(service.health().source).toBe('persistence');
  return service.getString('greeting');
}
