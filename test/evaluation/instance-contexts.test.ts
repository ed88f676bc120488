import { describe, expect, it, vi } from 'vitest';
import { runInNewContext } from 'node:vm';
import { contextUnreadable } from '../../lib/model/context.messages.js';
import { type Contexts, type QuonfigService } from '../../lib/index.js';
import { config, flagWhen, rule, serviceOf, split, value, when, yes } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

const PRO = { key: 'u-1', plan: 'pro' };

function isPro(key = 'flag') {
  return flagWhen(key, when('PROP_IS_ONE_OF', 'user.plan', ['pro']));
}

/** Reads with contexts of the call and with bound ones. */
function resultsOf(service: QuonfigService, contexts: Contexts): boolean[] {
  const bound = service.withContext(contexts);
  return [
    service.isEnabled('flag', contexts),
    bound.isEnabled('flag'),
    service.explain('flag', contexts).outcome.value as boolean,
  ];
}

const MATCH = [true, true, true];
const NO_MATCH = [false, false, false];

class Entity {
  key = 'u-1';
  plan = 'pro';
}

/** As documents of Mongoose are: getters on the prototype, and `toJSON`. */
class Document {
  readonly #fields: object;
  constructor(fields: object = PRO) {
    this.#fields = fields;
  }
  get plan(): unknown {
    return (this.#fields as { plan?: unknown }).plan;
  }
  toJSON(): unknown {
    return { ...this.#fields };
  }
}

class Empty extends Entity {
  constructor() {
    super();
    for (const name of Object.keys(this)) Reflect.deleteProperty(this, name);
  }
}

class Hidden {
  readonly #plan = 'pro';
  get plan(): string {
    return this.#plan;
  }
}

describe('contexts that are instances of classes', () => {
  it.each<[string, () => object]>([
    ['an instance with fields', () => new Entity()],
    ['an instance of a subclass', () => new (class extends Entity {})()],
    ['an instance with toJSON() and getters', () => new Document()],
    ['an instance that inherits toJSON()', () => new (class extends Document {})()],
    [
      'an instance whose toJSON() is a property',
      () => Object.assign(new Empty(), { toJSON: () => PRO }),
    ],
    ['an instance whose toJSON() returns another instance', () => new Document(new Entity())],
    [
      'an own accessor',
      () => Object.defineProperty({}, 'plan', { enumerable: true, get: () => 'pro' }),
    ],
    [
      'an own accessor of an instance',
      () => Object.defineProperty(new Empty(), 'plan', { enumerable: true, get: () => 'pro' }),
    ],
    ['an object without a prototype', () => Object.assign(Object.create(null), PRO) as object],
    ['an object of another realm', () => runInNewContext('({ plan: "pro" })') as object],
    ['an object with a property named constructor', () => ({ ...PRO, constructor: 'x' })],
    ['a plain object with toJSON()', () => ({ ...PRO, toJSON: () => ({ plan: 'free' }) })],
  ])('rules match the properties of %s', async (_, user) => {
    const logger = new RecordingLogger();
    const service = await serviceOf([isPro()], { logger });
    expect(resultsOf(service, { user: user() })).toEqual(MATCH);
    const global = await serviceOf([isPro()], { globalContext: { user: user() }, logger });
    expect(global.isEnabled('flag')).toBe(true);
    expect(logger.messages('warn')).toEqual([]);
  });

  it('toJSON() replaces all properties of the instance', async () => {
    class Account {
      plan = 'pro';
      password = 'secret';
      toJSON(): object {
        return { plan: 'free' };
      }
    }
    const service = await serviceOf([
      isPro(),
      flagWhen('password', when('IS_PRESENT', 'user.password')),
    ]);
    const contexts = { user: new Account() };
    expect(resultsOf(service, contexts)).toEqual(NO_MATCH);
    expect(service.isEnabled('password', contexts)).toBe(false);
  });

  it('segments, splits and details use toJSON(), too', async () => {
    const service = await serviceOf([
      config('split', 'string', [
        rule(split([{ weight: 1, value: value('string', 'a') }], 'user.key')),
      ]),
      config(
        'members',
        'bool',
        [rule(yes, when('PROP_IS_ONE_OF', 'user.plan', ['pro']))],
        'segment',
      ),
      flagWhen('flag', when('IN_SEG', undefined, 'members')),
    ]);
    const contexts = { user: new Document() };
    expect(service.getStringDetails('split', contexts).flagMetadata).not.toHaveProperty(
      'hashPropertyMissing',
    );
    expect(resultsOf(service, contexts)).toEqual(MATCH);
    expect(service.getBoolDetails('flag', contexts).value).toBe(true);
  });

  it('toJSON() is called once per object', async () => {
    const user = new Document();
    const toJSON = vi.spyOn(user, 'toJSON');
    const service = await serviceOf([isPro(), isPro('other')]);
    for (let read = 0; read < 5; read++) {
      expect(service.isEnabled('flag', { user })).toBe(true);
      expect(service.isEnabled('other', { user })).toBe(true);
      expect(service.withContext({ user }).isEnabled('other')).toBe(true);
    }
    expect(toJSON).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => unknown]>([
    ['throws', () => boom()],
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['returns a string', () => '{"plan":"free"}'],
    ['returns a list', () => ['pro']],
    ['returns binary data', () => Buffer.from('pro')],
    ['returns a promise', () => Promise.resolve({ plan: 'free' })],
    ['returns a promise that rejects', () => Promise.reject(new Error('boom'))],
    ['returns something that throws when examined', () => new Proxy({}, { get: () => boom() })],
  ])('own properties count if toJSON() %s', async (_, toJSON) => {
    const user = Object.assign(new Entity(), { toJSON });
    const service = await serviceOf([isPro()]);
    expect(resultsOf(service, { user })).toEqual(MATCH);
    expect(resultsOf(service, { user })).toEqual(MATCH);
  });

  it('a toJSON() that reads a flag with the same context does not recurse', async () => {
    const service = await serviceOf([isPro(), isPro('inner')]);
    let depth = 0;
    class Recursive extends Entity {
      toJSON(): object {
        depth++;
        return { plan: service.isEnabled('inner', { user: this }) ? 'pro' : 'free' };
      }
    }
    expect(service.isEnabled('flag', { user: new Recursive() })).toBe(true);
    expect(depth).toBe(1);
  });

  it('a proxy that refuses unknown properties is matched by the properties it has', async () => {
    const user = new Proxy(
      { plan: 'pro' },
      {
        get: (target, name) => (Object.hasOwn(target, name) ? Reflect.get(target, name) : boom()),
      },
    );
    const service = await serviceOf([isPro()]);
    expect(resultsOf(service, { user })).toEqual(MATCH);
  });

  it('binary data is never converted to JSON', async () => {
    const user = Buffer.alloc(10);
    const toJSON = vi.spyOn(user, 'toJSON');
    const service = await serviceOf([isPro()]);
    expect(resultsOf(service, { user })).toEqual(NO_MATCH);
    expect(toJSON).not.toHaveBeenCalled();
  });
});

describe('the warning about a context without readable properties', () => {
  it.each<[string, () => object]>([
    ['Hidden', () => new Hidden()],
    ['Map', () => new Map([['plan', 'pro']])],
    ['Date', () => new Date()],
    ['a class', () => new (class extends Hidden {})()],
  ])('an instance of %s causes one warning', async (className, user) => {
    const expected = [contextUnreadable('user', className)];
    const logger = new RecordingLogger();
    const service = await serviceOf([isPro()], { logger, sdkKey: 'qf_sk_test' });
    for (let read = 0; read < 3; read++) {
      expect(resultsOf(service, { user: user() })).toEqual(NO_MATCH);
      expect(service.getBool('flag', { user: user() })).toBe(false);
    }
    expect(logger.messages('warn')).toEqual(expected);

    const bound = new RecordingLogger();
    (await serviceOf([isPro()], { logger: bound })).withContext({ user: user() });
    expect(bound.messages('warn')).toEqual(expected);

    const global = new RecordingLogger();
    await serviceOf([isPro()], { logger: global, globalContext: { user: user() } });
    expect(global.messages('warn')).toEqual(expected);
  });

  it.each<[string, object]>([
    ['an empty object', {}],
    ['an empty object without a prototype', Object.create(null) as object],
    ['an empty object of another realm', runInNewContext('({})') as object],
    ['a list', []],
    ['an instance whose toJSON() returns an empty object', new Document({})],
  ])('%s causes no warning', async (_, user) => {
    const logger = new RecordingLogger();
    const service = await serviceOf([isPro()], { logger });
    expect(resultsOf(service, { user })).toEqual(NO_MATCH);
    expect(logger.messages('warn')).toEqual([]);
  });
});

function boom(): never {
  throw new Error('boom');
}
