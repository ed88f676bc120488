import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { Recording } from './support/windows.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 }));
afterEach(() => void vi.useRealTimers());

/** An object with this many properties, each of which calls the function when it is read. */
function counting(count: number, read: (at: number) => unknown, first: object = {}): object {
  const names = Array.from({ length: count }, (_, at) => `p${at}`);
  const properties = names.map((name, at) => [name, { enumerable: true, get: () => read(at) }]);
  return Object.defineProperties(
    first,
    Object.fromEntries(properties) as Record<string, PropertyDescriptor>,
  );
}

/** The properties of an object, and a spy that is called for each inspected one. */
function watched(target: object): { properties: object; inspected: Mock } {
  const inspected = vi.fn(Reflect.getOwnPropertyDescriptor);
  return { properties: new Proxy(target, { getOwnPropertyDescriptor: inspected }), inspected };
}

/** A list that calls the function for every element that is read. */
function countingList(length: number, read: () => unknown): unknown[] {
  return new Proxy(Array.from({ length }), {
    get: (list, name) =>
      typeof name === 'string' && /^\d+$/.test(name)
        ? read()
        : (Reflect.get(list, name) as unknown),
  });
}

describe('oversized contexts', () => {
  it('telemetry inspects at most 100 contexts per read', async () => {
    const recording = new Recording();
    const read = vi.fn((at: number) => ({ [`n${at}`]: at, key: `k${at}` }));
    recording.record(counting(10_000, read));
    expect(read.mock.calls.length).toBeLessThanOrEqual(201);
    const { shapes, examples } = await recording.report();
    expect(Object.keys(shapes)).toHaveLength(100);
    expect(examples[0]!.contextSet.contexts).toHaveLength(100);
  });

  it('telemetry inspects at most 1,000 properties of a context, and an example contains at most 100', async () => {
    const recording = new Recording();
    const read = vi.fn((at: number) => at);
    recording.record({ user: counting(10_000, read, { key: 'u' }) });
    expect(read.mock.calls.length).toBeLessThanOrEqual(1_100);
    const { shapes, examples } = await recording.report();
    expect(Object.keys(shapes['user']!)).toHaveLength(1_000);
    expect(Object.keys(examples[0]!.contextSet.contexts[0]!.values)).toHaveLength(100);
  });

  it('telemetry inspects at most 1,000 properties even if none of them can be part of an example', async () => {
    const recording = new Recording({ telemetryMaxContextShapeFields: 1 });
    const read = vi.fn(() => ({ nested: true }));
    expect(await recording.valuesOf(counting(10_000, read, { key: 'u' }))).toEqual({ key: 'u' });
    expect(read.mock.calls.length).toBeLessThanOrEqual(1_001);
  });

  it('a second context with the same 1,000 properties costs one comparison per name', async () => {
    const recording = new Recording({ contextUploadMode: 'shapes_only' });
    const wide = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`p${at}`, at]));
    recording.record({ user: { ...wide } });
    const { inspected, properties } = watched({ ...wide });
    recording.record({ user: properties });
    // One for each compared name.
    expect(inspected.mock.calls.length).toBeLessThanOrEqual(1_001);
    recording.record({ user: { other: 1, ...wide } });
    const { shapes } = await recording.report();
    expect(Object.keys(shapes['user']!)).toHaveLength(1_001);
  });

  it('telemetry inspects no properties for shapes once there is no room for more', async () => {
    const recording = new Recording({
      contextUploadMode: 'shapes_only',
      telemetryMaxContextShapeFields: 3,
    });
    const read = vi.fn((at: number) => at);
    recording.record({ user: { a: 1, b: 1 }, team: counting(5, read) });
    expect(read).toHaveBeenCalledTimes(1);
    const { inspected, properties } = watched({ a: 1 });
    recording.record({ user: { a: 1, b: 1, c: 1 }, device: properties });
    expect(inspected).not.toHaveBeenCalled();
    const { shapes } = await recording.report();
    expect(shapes).toEqual({ user: { a: 1, b: 1 }, team: { p0: 1 } });
    recording.record({ device: { a: 1 } });
    expect((await recording.report()).shapes).toEqual({ device: { a: 1 } });
  });

  it('an example contains at most 100 elements of a list', async () => {
    const recording = new Recording();
    const read = vi.fn(() => 1);
    const { list } = await recording.valuesOf({ key: 'u', list: countingList(10_000, read) });
    expect(list).toHaveLength(100);
    expect(read).toHaveBeenCalledTimes(100);
  });

  it('telemetry reads no more list elements than an example has room for', async () => {
    const recording = new Recording();
    const read = vi.fn(() => 'x'.repeat(1_000));
    const lists = Array.from({ length: 100 }, (_, at) => [`list${at}`, countingList(100, read)]);
    const values = await recording.valuesOf({ key: 'u', ...Object.fromEntries(lists) });
    expect(values['list0']).toHaveLength(16);
    expect(Object.keys(values)).toEqual(['key', 'list0']);
    expect(read).toHaveBeenCalledTimes(17);
  });

  it('long strings and names are truncated', async () => {
    const recording = new Recording();
    const name = 'n'.repeat(300);
    recording.record({ [name]: { key: 'k'.repeat(2_000), [name]: ['x'.repeat(2_000)] } });
    const { shapes, examples } = await recording.report();
    const cut = 'n'.repeat(256);
    expect(shapes).toEqual({ [cut]: { key: 2, [cut]: 10 } });
    expect(examples[0]!.contextSet.contexts).toEqual([
      { type: cut, values: { key: 'k'.repeat(1_024), [cut]: ['x'.repeat(1_024)] } },
    ]);
  });
});

describe('an example at its size limit', () => {
  const LIMIT = 16_384;

  it('a truncated example starts with key and trackingId, followed by the properties in order', async () => {
    const recording = new Recording();
    const texts = Array.from({ length: 90 }, (_, at) => [`p${at}`, `${at} `.repeat(300)]);
    recording.record({ user: { ...Object.fromEntries(texts), trackingId: 't', key: 'u' } });
    const { examples } = await recording.report();
    const names = Object.keys(examples[0]!.contextSet.contexts[0]!.values);
    expect(names.slice(0, 4)).toEqual(['key', 'trackingId', 'p0', 'p1']);
    expect(names).toEqual(['key', 'trackingId', ...names.slice(2).map((_, at) => `p${at}`)]);
    const { length } = JSON.stringify(examples[0]);
    expect(length).toBeLessThanOrEqual(LIMIT);
    expect(length).toBeGreaterThan(LIMIT - 1_200);
  });

  it('a truncated example contains the key of every context', async () => {
    const recording = new Recording();
    const texts = Array.from({ length: 90 }, (_, at) => [`p${at}`, 'x'.repeat(1_000)]);
    recording.record({
      user: { key: 'u', ...Object.fromEntries(texts) },
      team: { size: 3, key: 't' },
    });
    const [user, team] = (await recording.report()).examples[0]!.contextSet.contexts;
    expect(user!.values).toMatchObject({ key: 'u', p0: 'x'.repeat(1_000) });
    expect(team).toEqual({ type: 'team', values: { key: 't' } });
  });

  it('an example stays within its size limit even if every character is escaped', async () => {
    const recording = new Recording();
    const escaped = '\u0001'.repeat(1_024);
    const texts = Array.from({ length: 5 }, (_, at) => [`${escaped}${at}`, escaped]);
    recording.record({
      user: { key: escaped, trackingId: escaped, ...Object.fromEntries(texts) },
      [escaped]: { key: escaped },
    });
    const { examples } = await recording.report();
    expect(examples[0]!.contextSet.contexts[0]!.values).toMatchObject({ key: escaped });
    expect(JSON.stringify(examples[0]).length).toBeLessThanOrEqual(LIMIT);
  });

  it('a report contains as many examples as it has room for, and the next one contains the others', async () => {
    const recording = new Recording();
    const texts = Array.from({ length: 20 }, (_, at) => [`p${at}`, 'x'.repeat(1_000)]);
    const properties = Object.fromEntries(texts);
    const recordAll = () => {
      for (let user = 0; user < 600; user++) {
        recording.record({ user: { key: `u-${user}`, ...properties } });
      }
    };
    recordAll();
    const first = await recording.report();
    expect(first.length).toBeLessThan(8 * 1_024 * 1_024 + 2_000);
    expect(first.examples.length).toBeGreaterThan(500);
    // The next report has room for the others.
    recordAll();
    expect((await recording.report()).examples).toHaveLength(600 - first.examples.length);
  });

  it('a report contains at most telemetryMaxExampleContexts examples, and the next one contains the others', async () => {
    const recording = new Recording({ telemetryMaxExampleContexts: 2 });
    const recordAll = () => {
      for (const key of ['a', 'b', 'c']) recording.record({ user: { key } });
    };
    recordAll();
    expect((await recording.report()).examples).toHaveLength(2);
    recordAll();
    expect((await recording.report()).examples).toHaveLength(1);
  });
});

describe('shapes', () => {
  it('every report contains its own shapes, with the first recorded type of each property', async () => {
    const recording = new Recording();
    recording.record({ user: { age: 1 } });
    recording.record({ user: { age: 'one' } });
    expect((await recording.report()).shapes).toEqual({ user: { age: 1 } });
    recording.record({ user: { age: 'one' } });
    expect((await recording.report()).shapes).toEqual({ user: { age: 2 } });
  });
});

describe('values in an example', () => {
  it('an example contains dates as ISO strings and leaves out invalid ones', async () => {
    const date = new Date(1_790_000_000_000);
    const invalid = new Date(Number.NaN);
    const values = await new Recording().valuesOf({
      key: 'u',
      date,
      invalid,
      dates: [date, invalid],
    });
    const iso = date.toISOString();
    expect(values).toEqual({ key: 'u', date: iso, dates: [iso, null] });
  });

  it('an example contains the values at the time of the read, whatever changes later', async () => {
    const recording = new Recording();
    const user = { key: 'u', tags: ['a', 'b'], since: new Date(0) };
    const contexts: Record<string, object> = { user };
    recording.record(contexts);
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
