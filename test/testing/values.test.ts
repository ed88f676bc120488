import { describe, expect, it } from 'vitest';
import { QuonfigService, TestValueError } from '../../lib/index.js';
import { createTestQuonfig } from '../../lib/testing/index.js';

describe('values', () => {
  it('a test service is a QuonfigService that is ready at once', () => {
    const quonfig = createTestQuonfig({ 'checkout.new': true });
    expect(quonfig).toBeInstanceOf(QuonfigService);
    expect(quonfig.ready()).toBe(true);
    expect(quonfig.isEnabled('checkout.new')).toBe(true);
    expect(quonfig.keys()).toEqual(['checkout.new']);
  });

  it('every getter returns the value of its type', () => {
    const quonfig = createTestQuonfig({
      on: true,
      int: 20,
      double: 0.5,
      string: 'hello',
      list: ['a', 'b'],
      json: { items: 20 },
      nothing: null,
      mixed: [1, 'a'],
      wrapped: { json: { duration: 'PT5M' } },
      duration: { duration: 'PT5M' },
      level: { logLevel: 'debug' },
    });
    expect(quonfig.getBool('on')).toBe(true);
    expect(quonfig.getNumber('int')).toBe(20);
    expect(quonfig.getNumber('double')).toBe(0.5);
    expect(quonfig.getString('string')).toBe('hello');
    expect(quonfig.getStringList('list')).toEqual(['a', 'b']);
    expect(quonfig.getJSON('json')).toEqual({ items: 20 });
    expect(quonfig.getJSON('nothing')).toBeNull();
    expect(quonfig.getJSON('mixed')).toEqual([1, 'a']);
    expect(quonfig.getJSON('wrapped')).toEqual({ duration: 'PT5M' });
    expect(quonfig.getDuration('duration')).toBe(300_000);
    expect(quonfig.get('level')).toBe('debug');
    expect(quonfig.getNumberDetails('double')).toMatchObject({ value: 0.5, reason: 'STATIC' });
    expect(quonfig.getStringListDetails('list').errorCode).toBeUndefined();
    expect(quonfig.explain('int').outcome).toMatchObject({ value: 20 });
  });

  it('a log level decides what shouldLog returns, with the option loggerKey too', () => {
    const quonfig = createTestQuonfig(
      { 'log-level.app': { logLevel: 'debug' } },
      { loggerKey: 'log-level.app' },
    );
    quonfig.setFor({ 'quonfig-sdk-logging': { key: 'Noisy' } }, 'log-level.app', {
      logLevel: 'error',
    });
    expect(quonfig.shouldLog({ configKey: 'log-level.app', desiredLevel: 'debug' })).toBe(true);
    expect(quonfig.shouldLog({ loggerPath: 'Cats', desiredLevel: 'debug' })).toBe(true);
    expect(quonfig.shouldLog({ loggerPath: 'Noisy', desiredLevel: 'warn' })).toBe(false);
  });

  it('later changes to a given object have no effect, and read values are frozen', () => {
    const limits = { items: 20 };
    const quonfig = createTestQuonfig({ limits });
    limits.items = 30;
    expect(quonfig.getJSON('limits')).toEqual({ items: 20 });
    expect(Object.isFrozen(quonfig.getJSON('limits'))).toBe(true);
  });

  it.each([
    ['undefined', undefined, /"key" cannot be used in this test: it is undefined/],
    ['a function', () => 1, /neither a boolean/],
    ['NaN', Number.NaN, /neither a boolean/],
    ['a Date', new Date(), /neither a boolean/],
    ['a bigint', 1n, /neither a boolean/],
    ['a function inside JSON', { a: [() => 1] }, /neither a boolean/],
    ['a malformed duration', { duration: '5 minutes' }, /duration is malformed/],
    ['an unknown log level', { logLevel: 'verbose' }, /level is unknown/],
  ])('%s is refused with the key', (_, value, message) => {
    expect(() => createTestQuonfig({ key: value as never })).toThrow(TestValueError);
    expect(() => createTestQuonfig({ key: value as never })).toThrow(message);
  });

  it('a cycle is refused with the key', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => createTestQuonfig({ key: cycle })).toThrow(/"key".*neither a boolean/);
  });

  it('options of the module apply, such as globalContext', () => {
    const quonfig = createTestQuonfig({ limit: 20 }, { globalContext: { app: { name: 'shop' } } });
    quonfig.setFor({ app: { name: 'shop' } }, 'limit', 100);
    expect(quonfig.getNumber('limit')).toBe(100);
  });

  it('an unknown option throws an InvalidOptionsError', () => {
    expect(() => createTestQuonfig({}, { allowUnkown: true } as never)).toThrow(/allowUnkown/);
  });

  it('the environment of the process has no effect', () => {
    process.env['QUONFIG_BACKEND_SDK_KEY'] = 'qf_sk_test_0000';
    try {
      const { telemetry, mode, environment } = createTestQuonfig({}).health();
      expect({ telemetry, mode, environment }).toEqual({
        telemetry: 'off',
        mode: 'stream',
        environment: 'test',
      });
    } finally {
      delete process.env['QUONFIG_BACKEND_SDK_KEY'];
    }
  });
});

describe('set', () => {
  it('set takes effect, and notifies everything, before it returns', () => {
    const updates: (readonly string[])[] = [];
    const quonfig = createTestQuonfig(
      { 'checkout.new': true, other: 1 },
      { onConfigUpdate: ({ changed }) => updates.push(changed) },
    );
    const observed: unknown[] = [];
    quonfig.observe('checkout.new').subscribe((value) => observed.push(value));
    const live = quonfig.live('checkout.new');
    live.changes$.subscribe((value) => observed.push(['live', value]));
    quonfig.updates$.subscribe(({ changed, added }) => observed.push({ changed, added }));
    quonfig.set('checkout.new', false);
    expect(quonfig.isEnabled('checkout.new')).toBe(false);
    expect(live.value).toBe(false);
    expect(observed).toEqual([
      true,
      false,
      ['live', false],
      { changed: ['checkout.new'], added: [] },
    ]);
    expect(updates.at(-1)).toEqual(['checkout.new']);
  });

  it('set adds a key that is new', () => {
    const quonfig = createTestQuonfig();
    quonfig.set('greeting', 'hello');
    expect(quonfig.getString('greeting')).toBe('hello');
  });

  it('set refuses a value of another type, with the key and both types', () => {
    const quonfig = createTestQuonfig({ limit: 20, list: ['a'] });
    expect(() => quonfig.set('limit', 'many')).toThrow(
      /"limit".*its type is a number, and the value is a string/,
    );
    expect(() => quonfig.set('list', true)).toThrow(
      /a list of strings, and the value is a boolean/,
    );
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it('set keeps the declared type where the value fits it', () => {
    const quonfig = createTestQuonfig({
      rate: 0.5,
      count: 1,
      every: { duration: 'PT1S' },
      level: { logLevel: 'info' },
      json: { a: 1 },
    });
    quonfig.set('rate', 1);
    quonfig.set('count', 1.5);
    quonfig.set('every', 1500);
    quonfig.set('level', 'debug');
    quonfig.set('json', ['a']);
    expect(quonfig.getNumber('rate')).toBe(1);
    expect(quonfig.getNumber('count')).toBe(1.5);
    expect(quonfig.getDurationDetails('every')).toMatchObject({ value: 1500 });
    expect(quonfig.shouldLog({ configKey: 'level', desiredLevel: 'debug' })).toBe(true);
    expect(quonfig.getJSONDetails('json')).toMatchObject({ value: ['a'] });
    expect(() => quonfig.set('level', 'loud')).toThrow(/level is unknown/);
  });

  it('set replaces the rules of setFor', () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    quonfig.setFor({ user: { plan: 'pro' } }, 'limit', 100);
    quonfig.set('limit', 30);
    expect(quonfig.getNumber('limit', { user: { plan: 'pro' } })).toBe(30);
  });
});

describe('setFor', () => {
  it('setFor applies a value to reads with matching contexts; later rules take precedence', () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    const pro = { user: { plan: 'pro' } };
    quonfig.setFor(pro, 'limit', 100);
    expect(quonfig.getNumber('limit', pro)).toBe(100);
    expect(quonfig.getNumber('limit', { user: { plan: 'free' } })).toBe(20);
    expect(quonfig.getNumberDetails('limit', pro)).toMatchObject({
      value: 100,
      reason: 'TARGETING_MATCH',
    });
    quonfig.setFor(pro, 'limit', 200);
    expect(quonfig.getNumber('limit', pro)).toBe(200);
  });

  it('setFor requires all properties of all contexts', () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    quonfig.setFor({ user: { plan: 'pro', beta: true }, team: { size: 5 } }, 'limit', 100);
    const user = { plan: 'pro', beta: true };
    expect(quonfig.getNumber('limit', { user, team: { size: 5 } })).toBe(100);
    expect(quonfig.getNumber('limit', { user, team: { size: 6 } })).toBe(20);
    expect(quonfig.getNumber('limit', { user })).toBe(20);
  });

  it('setFor matches a list with all the given elements, a Date, and the absence of a property', () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    quonfig.setFor({ user: { roles: ['admin', 'staff'] } }, 'limit', 1);
    quonfig.setFor({ user: { since: new Date(0) } }, 'limit', 2);
    quonfig.setFor({ user: { key: 'anna', plan: undefined } }, 'limit', 3);
    const limit = (user: object): number => quonfig.getNumber('limit', { user });
    expect(limit({ roles: ['staff', 'admin', 'x'] })).toBe(1);
    expect(limit({ roles: ['staff'] })).toBe(20);
    expect(limit({ since: new Date(0) })).toBe(2);
    expect(limit({ key: 'anna' })).toBe(3);
    expect(limit({ key: 'anna', plan: 'pro' })).toBe(20);
  });

  it('an empty list in setFor matches every list, and no context without the property', () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    quonfig.setFor({ user: { roles: [] } }, 'limit', 1);
    expect(quonfig.getNumber('limit', { user: { roles: ['staff'] } })).toBe(1);
    expect(quonfig.getNumber('limit', { user: { key: 'anna' } })).toBe(20);
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it.each([
    ['a context that is null', { user: null }, 'the context "user" of its rule is not an object'],
    ['a context that is a list', { user: ['anna'] }, 'the context "user" of its rule is not'],
    ['a context with a dot', { 'my.user': { key: 'anna' } }, 'the context "my.user"'],
    ['an object as property', { user: { address: { city: 'Bonn' } } }, '"user.address"'],
    ['an object in a list', { user: { roles: [{ id: 1 }] } }, '"user.roles"'],
    ['an invalid date', { user: { since: new Date(Number.NaN) } }, '"user.since"'],
  ])('setFor refuses %s, which no read could match, with the key', (_, contexts, problem) => {
    const quonfig = createTestQuonfig({ limit: 20 });
    const set = (): void => quonfig.setFor(contexts as never, 'limit', 1);
    expect(set).toThrow(TestValueError);
    expect(set).toThrow(`The key "limit" cannot be used in this test: `);
    expect(set).toThrow(problem);
  });

  it('a whole number that setFor sets for a double stays a double', () => {
    const quonfig = createTestQuonfig({ rate: 1 });
    quonfig.setFor({ user: { key: 'a' } }, 'rate', 0.5);
    expect(quonfig.getNumber('rate', { user: { key: 'a' } })).toBe(0.5);
    expect(quonfig.getNumber('rate')).toBe(1);
  });

  it('setFor on a new key leaves all other contexts without a value', () => {
    const quonfig = createTestQuonfig();
    quonfig.setFor({ user: { key: 'anna' } }, 'greeting', 'hello');
    expect(quonfig.getString('greeting', { user: { key: 'anna' } })).toBe('hello');
    expect(() => quonfig.getString('greeting')).toThrow(/No value found for key "greeting"/);
  });
});

describe('reset', () => {
  it('reset returns to the initial values, notifies, and forgets reads', () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    const observed: unknown[] = [];
    quonfig.observe('limit').subscribe((value) => observed.push(value));
    quonfig.set('limit', 30);
    quonfig.set('other', true);
    quonfig.reset();
    expect(quonfig.reads()).toEqual([]);
    expect(quonfig.getNumber('limit')).toBe(20);
    expect(quonfig.keys()).toEqual(['limit']);
    expect(observed).toEqual([20, 30, 20]);
  });

  it('reset() after close() throws a ClosedError, like set()', async () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    await quonfig.close();
    expect(() => quonfig.reset()).toThrow(/closed/);
    expect(() => quonfig.set('limit', 30)).toThrow(/closed/);
    expect(quonfig.getNumber('limit')).toBe(20);
  });
});
