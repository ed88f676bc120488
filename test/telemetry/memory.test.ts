import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { constant, envelope } from '../support/configs.js';
import { Reporting } from './support/reporting.js';
import { Recording } from './support/windows.js';

const MEGABYTE = 1_024 * 1_024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use after garbage collection. Buffers are freed later than their owners, hence the rounds. */
async function used(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('the memory of telemetry', () => {
  it('telemetry memory stays flat for a day in which every read has a new user', async () => {
    const t = await Reporting.start([200], {
      datafile: envelope([constant('flag', 'bool', true)]),
      redactContext: (_, properties) => properties,
    });
    const hours: number[] = [];
    let user = 0;
    for (let hour = 0; hour < 24; hour++) {
      for (let window = 0; window < 12; window++) {
        for (let read = 0; read < 250; read++) {
          const key = `user-${user++}-${'x'.repeat(200)}`;
          t.service.get('flag', { user: { key, [`p${user}`]: read }, [`team${user}`]: { key } });
        }
        await t.tick(1, 300_000);
        expect(t.stub.requests[0]!.body.length).toBeLessThan(400_000);
        t.stub.requests.length = 0;
      }
      hours.push(await used());
    }
    // The first hours fill the hour of identities. A leak of 72,000 users would exceed 15 megabytes.
    expect(Math.max(...hours.slice(12)) - Math.max(...hours.slice(3, 6))).toBeLessThan(MEGABYTE);
  }, 60_000);
});

describe('remembered identities', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['long keys', (user: number) => ({ user: { key: `${user} `.repeat(10_000) } })],
    [
      'many contexts with long keys',
      (user: number) =>
        Object.fromEntries(
          Array.from({ length: 100 }, (_, at) => [`c${at}`, { key: `${user} `.repeat(100) }]),
        ),
    ],
  ])('the memory of identities does not grow with %s', async (_, contextsOf) => {
    const recording = new Recording();
    const sizes: number[] = [];
    for (let user = 1_000; user < 1_600; user++) {
      recording.record(contextsOf(user));
      if (user % 100 !== 99) continue;
      await recording.report();
      sizes.push(await used());
    }
    expect(sizes.at(-1)! - sizes[0]!).toBeLessThan(MEGABYTE);
    recording.record(contextsOf(1_000));
    expect((await recording.report()).examples).toEqual([]);
  });

  it('an identity does not retain the string that its key was sliced from', async () => {
    const recording = new Recording();
    const before = await used();
    const keyOf = (user: number) => `${user} `.repeat(20_000).slice(0, 30);
    for (let user = 0; user < 100; user++) recording.record({ user: { key: keyOf(user) } });
    await recording.report();
    expect((await used()) - before).toBeLessThan(MEGABYTE);
    recording.record({ user: { key: keyOf(0) } });
    expect((await recording.report()).examples).toEqual([]);
  });
});
