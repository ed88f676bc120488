import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { Recording } from './support/windows.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 }));
afterEach(() => void vi.useRealTimers());

/** An object of so many properties, each of which calls the function. */
function counting(count: number, look: (at: number) => unknown, first: object = {}): object {
  const names = Array.from({ length: count }, (_, at) => `p${at}`);
  const properties = names.map((name, at) => [name, { enumerable: true, get: () => look(at) }]);
  return Object.defineProperties(
    first,
    Object.fromEntries(properties) as Record<string, PropertyDescriptor>,
  );
}

/** Properties, and how often one of them was looked for. */
function watched(target: object): { properties: object; looks: Mock } {
  const looks = vi.fn(Reflect.getOwnPropertyDescriptor);
  return { properties: new Proxy(target, { getOwnPropertyDescriptor: looks }), looks };
}

/** A list that calls the function for every element that is looked at. */
function countingList(length: number, look: () => unknown): unknown[] {
  return new Proxy(Array.from({ length }), {
    get: (list, name) =>
      typeof name === 'string' && /^\d+$/.test(name)
        ? look()
        : (Reflect.get(list, name) as unknown),
  });
}

describe('of contexts that are larger than anybody means to write', () => {
  it('no more than a hundred are looked at in a read', async () => {
    const recording = new Recording();
    const look = vi.fn((at: number) => ({ [`n${at}`]: at, key: `k${at}` }));
    recording.see(counting(10_000, look));
    expect(look.mock.calls.length).toBeLessThanOrEqual(201);
    const { shapes, examples } = await recording.report();
    expect(Object.keys(shapes)).toHaveLength(100);
    expect(examples[0]!.contextSet.contexts).toHaveLength(100);
  });

  it('no more than a thousand properties are looked at, and a hundred are in an example', async () => {
    const recording = new Recording();
    const look = vi.fn((at: number) => at);
    recording.see({ user: counting(10_000, look, { key: 'u' }) });
    expect(look.mock.calls.length).toBeLessThanOrEqual(1_100);
    const { shapes, examples } = await recording.report();
    expect(Object.keys(shapes['user']!)).toHaveLength(1_000);
    expect(Object.keys(examples[0]!.contextSet.contexts[0]!.values)).toHaveLength(100);
  });

  it('no more properties are looked at when none of them can be part of an example', async () => {
    const recording = new Recording({ telemetryMaxContextShapeFields: 1 });
    const look = vi.fn(() => ({ nested: true }));
    expect(await recording.valuesOf(counting(10_000, look, { key: 'u' }))).toEqual({ key: 'u' });
    expect(look.mock.calls.length).toBeLessThanOrEqual(1_001);
  });

  it('the first of those with the same thousand properties is looked at, and others are compared', async () => {
    const recording = new Recording({ contextUploadMode: 'shapes_only' });
    const wide = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`p${at}`, at]));
    recording.see({ user: { ...wide } });
    const { looks, properties } = watched({ ...wide });
    recording.see({ user: properties });
    // Once for each name that is compared.
    expect(looks.mock.calls.length).toBeLessThanOrEqual(1_001);
    recording.see({ user: { other: 1, ...wide } });
    const { shapes } = await recording.report();
    expect(Object.keys(shapes['user']!)).toHaveLength(1_001);
  });

  it('nothing is looked at for shapes when there is no room for more of them', async () => {
    const recording = new Recording({
      contextUploadMode: 'shapes_only',
      telemetryMaxContextShapeFields: 3,
    });
    const look = vi.fn((at: number) => at);
    recording.see({ user: { a: 1, b: 1 }, team: counting(5, look) });
    expect(look).toHaveBeenCalledTimes(1);
    const { looks, properties } = watched({ a: 1 });
    recording.see({ user: { a: 1, b: 1, c: 1 }, device: properties });
    expect(looks).not.toHaveBeenCalled();
    const { shapes } = await recording.report();
    expect(shapes).toEqual({ user: { a: 1, b: 1 }, team: { p0: 1 } });
    recording.see({ device: { a: 1 } });
    expect((await recording.report()).shapes).toEqual({ device: { a: 1 } });
  });

  it('a hundred elements of a list are part of an example', async () => {
    const recording = new Recording();
    const look = vi.fn(() => 1);
    const { list } = await recording.valuesOf({ key: 'u', list: countingList(10_000, look) });
    expect(list).toHaveLength(100);
    expect(look).toHaveBeenCalledTimes(100);
  });

  it('no more is written than there is room for', async () => {
    const recording = new Recording();
    const look = vi.fn(() => 'x'.repeat(1_000));
    const lists = Array.from({ length: 100 }, (_, at) => [`list${at}`, countingList(100, look)]);
    const values = await recording.valuesOf({ key: 'u', ...Object.fromEntries(lists) });
    expect(values['list0']).toHaveLength(16);
    expect(Object.keys(values)).toEqual(['key', 'list0']);
    expect(look).toHaveBeenCalledTimes(17);
  });

  it('texts and names are cut', async () => {
    const recording = new Recording();
    const name = 'n'.repeat(300);
    recording.see({ [name]: { key: 'k'.repeat(2_000), [name]: ['x'.repeat(2_000)] } });
    const { shapes, examples } = await recording.report();
    const cut = 'n'.repeat(256);
    expect(shapes).toEqual({ [cut]: { key: 2, [cut]: 10 } });
    expect(examples[0]!.contextSet.contexts).toEqual([
      { type: cut, values: { key: 'k'.repeat(1_024), [cut]: ['x'.repeat(1_024)] } },
    ]);
  });
});

describe('an example of contexts that are larger than it may be', () => {
  const LIMIT = 16_384;

  it('begins with what tells whose they are, and goes on in order as far as there is room', async () => {
    const recording = new Recording();
    const texts = Array.from({ length: 90 }, (_, at) => [`p${at}`, `${at} `.repeat(300)]);
    recording.see({ user: { ...Object.fromEntries(texts), trackingId: 't', key: 'u' } });
    const { examples } = await recording.report();
    const names = Object.keys(examples[0]!.contextSet.contexts[0]!.values);
    expect(names.slice(0, 4)).toEqual(['key', 'trackingId', 'p0', 'p1']);
    expect(names).toEqual(['key', 'trackingId', ...names.slice(2).map((_, at) => `p${at}`)]);
    const { length } = JSON.stringify(examples[0]);
    expect(length).toBeLessThanOrEqual(LIMIT);
    expect(length).toBeGreaterThan(LIMIT - 1_200);
  });

  it('names whose they are of each of several contexts', async () => {
    const recording = new Recording();
    const texts = Array.from({ length: 90 }, (_, at) => [`p${at}`, 'x'.repeat(1_000)]);
    recording.see({
      user: { key: 'u', ...Object.fromEntries(texts) },
      team: { size: 3, key: 't' },
    });
    const [user, team] = (await recording.report()).examples[0]!.contextSet.contexts;
    expect(user!.values).toMatchObject({ key: 'u', p0: 'x'.repeat(1_000) });
    expect(team).toEqual({ type: 'team', values: { key: 't' } });
  });

  it('stays within the limit also where every character takes six', async () => {
    const recording = new Recording();
    const escaped = '\u0001'.repeat(1_024);
    const texts = Array.from({ length: 5 }, (_, at) => [`${escaped}${at}`, escaped]);
    recording.see({
      user: { key: escaped, trackingId: escaped, ...Object.fromEntries(texts) },
      [escaped]: { key: escaped },
    });
    const { examples } = await recording.report();
    expect(examples[0]!.contextSet.contexts[0]!.values).toMatchObject({ key: escaped });
    expect(JSON.stringify(examples[0]).length).toBeLessThanOrEqual(LIMIT);
  });

  it('is one of as many as a report has room for', async () => {
    const recording = new Recording();
    const texts = Array.from({ length: 20 }, (_, at) => [`p${at}`, 'x'.repeat(1_000)]);
    const properties = Object.fromEntries(texts);
    const seeAll = () => {
      for (let user = 0; user < 600; user++) {
        recording.see({ user: { key: `u-${user}`, ...properties } });
      }
    };
    seeAll();
    const first = await recording.report();
    expect(first.length).toBeLessThan(8 * 1_024 * 1_024 + 2_000);
    expect(first.examples.length).toBeGreaterThan(500);
    // Those that found no room find it in the next.
    seeAll();
    expect((await recording.report()).examples).toHaveLength(600 - first.examples.length);
  });

  it('is one of as many as the options allow', async () => {
    const recording = new Recording({ telemetryMaxExampleContexts: 2 });
    const seeAll = () => {
      for (const key of ['a', 'b', 'c']) recording.see({ user: { key } });
    };
    seeAll();
    expect((await recording.report()).examples).toHaveLength(2);
    seeAll();
    expect((await recording.report()).examples).toHaveLength(1);
  });
});

describe('shapes', () => {
  it('are told in every report anew, with the types seen first', async () => {
    const recording = new Recording();
    recording.see({ user: { age: 1 } });
    recording.see({ user: { age: 'one' } });
    expect((await recording.report()).shapes).toEqual({ user: { age: 1 } });
    recording.see({ user: { age: 'one' } });
    expect((await recording.report()).shapes).toEqual({ user: { age: 2 } });
  });
});

describe('values in an example', () => {
  it('are dates as text, wherever they stand, unless they are none', async () => {
    const date = new Date(1_790_000_000_000);
    const none = new Date(Number.NaN);
    const values = await new Recording().valuesOf({ key: 'u', date, none, dates: [date, none] });
    const text = date.toISOString();
    expect(values).toEqual({ key: 'u', date: text, dates: [text, null] });
  });

  it('are what they were when they were read, whatever becomes of the objects', async () => {
    const recording = new Recording();
    const user = { key: 'u', tags: ['a', 'b'], since: new Date(0) };
    const contexts: Record<string, object> = { user };
    recording.see(contexts);
    user.key = 'changed';
    user.tags.length = 0;
    user.since.setTime(1);
    contexts['user'] = { key: 'other' };
    const { examples } = await recording.report();
    expect(examples.map(({ contextSet }) => contextSet.contexts)).toEqual([
      [{ type: 'user', values: { key: 'u', tags: ['a', 'b'], since: '1970-01-01T00:00:00.000Z' } }],
    ]);
  });
});
