import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Recording } from './support/windows.js';

const NOW = 1_790_000_000_000;
const HOUR_MS = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

/** How many examples the contexts give, seen in this order. */
async function examplesOf(recording: Recording, ...contexts: unknown[]): Promise<number> {
  for (const each of contexts) recording.see(each);
  return (await recording.report()).examples.length;
}

/** Contexts of a hundred users, of which the last has this key. */
function crowd(last: string): object {
  const users = Array.from({ length: 99 }, (_, at) => [`u${at}`, { key: `${at}`.repeat(40) }]);
  return { ...Object.fromEntries(users), u99: { key: `99${last}` } };
}

describe('the identity of an example', () => {
  it.each(['key', 'trackingId'])('is a large integer in %s as it is written', async (name) => {
    const recording = new Recording();
    expect(await recording.valuesOf({ [name]: 7n })).toEqual({ [name]: '7' });
    expect(await examplesOf(recording, { user: { [name]: 7n } }, { user: { key: '7' } })).toBe(0);
    expect(await examplesOf(recording, { user: { [name]: 8n } })).toBe(1);
  });

  it('is no value that an example cannot hold', async () => {
    const recording = new Recording();
    for (const key of [Number.NaN, {}, ['u'], null, Symbol('u'), 2n ** 2_000n, undefined]) {
      expect(await examplesOf(recording, { user: { key } })).toBe(0);
    }
  });

  it('tells contexts apart however many they are', async () => {
    const recording = new Recording();
    expect(await examplesOf(recording, crowd('a'), crowd('b'), crowd('a'))).toBe(2);
    expect(await examplesOf(recording, crowd('a'), crowd('b'), crowd('c'))).toBe(1);
  });

  it('counts as known only when something of its contexts was told', async () => {
    const recording = new Recording();
    let looks = 0;
    const moody = {
      get key(): string {
        // Once for the shape, and for the identity until it turns out to be a new one; then it is to be told.
        if (++looks > 4) throw new Error('no');
        return 'u';
      },
    };
    expect(await examplesOf(recording, { user: moody })).toBe(0);
    expect(looks).toBe(5);
    expect(await examplesOf(recording, { user: { key: 'u' } })).toBe(1);
  });

  it('is its own trackingId where the key is only inherited, also of a key that is known', async () => {
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

  it('is forgotten after an hour', async () => {
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

  it('is forgotten when the clock was set back, and stands in the way of no other', async () => {
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

  it('is one of a hundred thousand at most', async () => {
    const recording = new Recording();
    let user = 0;
    const seeMore = (count: number) => {
      for (let read = 0; read < count; read++) recording.see({ user: { key: `user-${user++}` } });
    };
    let told = 0;
    for (let window = 0; window < 11; window++) {
      seeMore(9_999);
      told += (await recording.report()).examples.length;
    }
    expect(told).toBe(100_000);
    vi.setSystemTime(NOW + HOUR_MS);
    await recording.report();
    expect(await examplesOf(recording, { user: { key: 'user-0' } })).toBe(1);
  });
});
