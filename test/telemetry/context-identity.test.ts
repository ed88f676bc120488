import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Recording } from './support/windows.js';

const NOW = 1_790_000_000_000;
const HOUR_MS = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

/** The number of examples reported for these contexts, recorded in this order. */
async function examplesOf(recording: Recording, ...contexts: unknown[]): Promise<number> {
  for (const each of contexts) recording.record(each);
  return (await recording.report()).examples.length;
}

/** A hundred contexts; the key of the last one ends like this. */
function crowd(last: string): object {
  const users = Array.from({ length: 99 }, (_, at) => [`u${at}`, { key: `${at}`.repeat(40) }]);
  return { ...Object.fromEntries(users), u99: { key: `99${last}` } };
}

describe('the identity of an example', () => {
  it.each(['key', 'trackingId'])(
    'a bigint in %s identifies a context like its digits in a string',
    async (name) => {
      const recording = new Recording();
      expect(await recording.valuesOf({ [name]: 7n })).toEqual({ [name]: '7' });
      expect(await examplesOf(recording, { user: { [name]: 7n } }, { user: { key: '7' } })).toBe(0);
      expect(await examplesOf(recording, { user: { [name]: 8n } })).toBe(1);
    },
  );

  it('a key that cannot be reported does not identify a context', async () => {
    const recording = new Recording();
    for (const key of [Number.NaN, {}, ['u'], null, Symbol('u'), 2n ** 2_000n, undefined]) {
      expect(await examplesOf(recording, { user: { key } })).toBe(0);
    }
  });

  it('the identity covers each of a hundred contexts', async () => {
    const recording = new Recording();
    expect(await examplesOf(recording, crowd('a'), crowd('b'), crowd('a'))).toBe(2);
    expect(await examplesOf(recording, crowd('a'), crowd('b'), crowd('c'))).toBe(1);
  });

  it('an identity counts as known only once its example is recorded', async () => {
    const recording = new Recording();
    let reads = 0;
    const flaky = {
      get key(): string {
        // The first four reads are for the shape and the identity; the fifth is for the example.
        if (++reads > 4) throw new Error('no');
        return 'u';
      },
    };
    expect(await examplesOf(recording, { user: flaky })).toBe(0);
    expect(reads).toBe(5);
    expect(await examplesOf(recording, { user: { key: 'u' } })).toBe(1);
  });

  it('an inherited key does not identify a context, but an own trackingId does', async () => {
    const recording = new Recording();
    expect(await examplesOf(recording, { user: { key: 'u' } })).toBe(1);
    class User {
      constructor(readonly trackingId: string) {}
      get key(): string {
        return 'u';
      }
    }
    expect(await examplesOf(recording, { user: new User('t') })).toBe(1);
    expect(await examplesOf(recording, { user: new User('t') })).toBe(0);
    const heir = Object.assign(Object.create({ key: 'u' }) as object, { age: 3 });
    expect(await examplesOf(recording, { user: heir })).toBe(0);
  });

  it('an identity is forgotten after an hour', async () => {
    const recording = new Recording();
    const user = { user: { key: 'u' } };
    expect(await examplesOf(recording, user)).toBe(1);
    vi.setSystemTime(NOW + HOUR_MS - 1);
    expect(await examplesOf(recording, user)).toBe(0);
    expect(await examplesOf(recording, { ...user })).toBe(0);
    vi.setSystemTime(NOW + HOUR_MS);
    await recording.report();
    expect(await examplesOf(recording, { ...user })).toBe(1);
  });

  it('setting the clock back forgets identities and does not delay the expiry of new ones', async () => {
    const recording = new Recording();
    vi.setSystemTime(NOW + 24 * HOUR_MS);
    expect(await examplesOf(recording, { user: { key: 'later' } })).toBe(1);
    vi.setSystemTime(NOW);
    expect(await examplesOf(recording, { user: { key: 'u' } })).toBe(1);
    expect(await examplesOf(recording, { user: { key: 'later' } })).toBe(1);
    vi.setSystemTime(NOW + HOUR_MS);
    await recording.report();
    expect(await examplesOf(recording, { user: { key: 'u' } })).toBe(1);
  });

  it('at most 100,000 identities are recorded until they expire', async () => {
    const recording = new Recording();
    let user = 0;
    const recordMore = (count: number) => {
      for (let read = 0; read < count; read++)
        recording.record({ user: { key: `user-${user++}` } });
    };
    let reported = 0;
    for (let window = 0; window < 11; window++) {
      recordMore(9_999);
      reported += (await recording.report()).examples.length;
    }
    expect(reported).toBe(100_000);
    vi.setSystemTime(NOW + HOUR_MS);
    await recording.report();
    expect(await examplesOf(recording, { user: { key: 'user-0' } })).toBe(1);
  });
});
