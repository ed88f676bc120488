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

/** Bytes that are still in use. Buffers go after what held them. */
async function used(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('the memory of telemetry', () => {
  it('is flat while every read of a day has a new user', async () => {
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
    // Within the first hours the identities of one hour come together. 72,000 users are 15 megabytes and more.
    expect(Math.max(...hours.slice(12)) - Math.max(...hours.slice(3, 6))).toBeLessThan(MEGABYTE);
  }, 60_000);
});

describe('what is remembered of identities', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['keys are', (user: number) => ({ user: { key: `${user} `.repeat(10_000) } })],
    [
      'contexts are many and their keys',
      (user: number) =>
        Object.fromEntries(
          Array.from({ length: 100 }, (_, at) => [`c${at}`, { key: `${user} `.repeat(100) }]),
        ),
    ],
  ])('does not grow with them when %s long', async (_, contextsOf) => {
    const recording = new Recording();
    const seen: number[] = [];
    for (let user = 1_000; user < 1_600; user++) {
      recording.see(contextsOf(user));
      if (user % 100 !== 99) continue;
      await recording.report();
      seen.push(await used());
    }
    expect(seen.at(-1)! - seen[0]!).toBeLessThan(MEGABYTE);
    recording.see(contextsOf(1_000));
    expect((await recording.report()).examples).toEqual([]);
  });

  it('holds on to no text that a key was cut from', async () => {
    const recording = new Recording();
    const before = await used();
    const keyOf = (user: number) => `${user} `.repeat(20_000).slice(0, 30);
    for (let user = 0; user < 100; user++) recording.see({ user: { key: keyOf(user) } });
    await recording.report();
    expect((await used()) - before).toBeLessThan(MEGABYTE);
    recording.see({ user: { key: keyOf(0) } });
    expect((await recording.report()).examples).toEqual([]);
  });
});
