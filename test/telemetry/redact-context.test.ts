import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ContextProperties, Contexts } from '../../lib/index.js';
import { redactFailed } from '../../lib/telemetry/telemetry.messages.js';
import { envelope, flagWhen, when } from '../support/configs.js';
import { Reporting } from './support/reporting.js';
import { type Told, toldBy } from './support/windows.js';

async function told(t: Reporting, request = 0): Promise<Told> {
  await t.tick(request + 1);
  return toldBy(t.stub.requests[request]!.body);
}

describe('redactContext', () => {
  it('may read flags: they are answered and counted, and nothing of their contexts is recorded', async () => {
    const names: string[] = [];
    const answers: unknown[] = [];
    const t = await Reporting.start([200], {
      globalContext: { app: { key: 'app' } },
      redactContext: (name, properties) => {
        names.push(name);
        if (names.length > 20) return properties;
        answers.push(t.service.get('flag-1', { inner: { key: `inner-${names.length}` } }));
        return properties;
      },
    });
    expect(t.service.get('flag-0', { user: { key: 'u' } })).toBe(true);
    expect(names).toEqual(['user', 'app']);
    expect(answers).toEqual([true, true]);
    const { shapes, examples } = await told(t);
    expect(shapes).toEqual({ user: { key: 2 }, app: { key: 2 } });
    expect(examples).toHaveLength(1);
    const { events } = JSON.parse(t.stub.requests[0]!.body) as { events: any[] };
    const counts = events[0].summaries.summaries.map((summary: any) => [
      summary.key,
      summary.counters[0].count,
    ]);
    expect(Object.fromEntries(counts)).toEqual({ 'flag-0': 1, 'flag-1': 2 });
  });

  it('that throws, after it has read flags, stands in the way of no later context', async () => {
    const t = await Reporting.start([200], {
      redactContext: (name, properties) => {
        if (name === 'bad') t.service.get('flag-1', { inner: { key: 'i' } });
        if (name === 'bad') throw new Error('secret detail');
        return properties;
      },
    });
    t.service.get('flag-0', { bad: { key: 'b' } });
    t.service.get('flag-0', { user: { key: 'u' } });
    expect((await told(t)).shapes).toEqual({ user: { key: 2 } });
    expect(t.log.lines('warn')).toEqual([`warn ${redactFailed()}`]);
  });

  it.each<[string, () => unknown]>([
    ['a promise that is rejected', () => Promise.reject(new Error('secret detail'))],
    ['a promise that is fulfilled', () => Promise.resolve({ key: 'later' })],
    // oxlint-disable-next-line unicorn/no-thenable
    ['something like a promise', () => ({ key: 'u', then: (done: () => void) => done() })],
    ['a list', () => [{ key: 'u' }]],
    ['a text', () => 'u'],
    ['a number', () => 1],
    ['a function', () => () => ({ key: 'u' })],
    ['bytes', () => Buffer.from('u')],
    ['null', () => null],
    ['false', () => false],
  ])('that gives %s leaves the context out, with one warning', async (_, answer) => {
    const rejected = vi.fn();
    process.on('unhandledRejection', rejected);
    onTestFinished(() => void process.off('unhandledRejection', rejected));
    const t = await Reporting.start([200], {
      redactContext: (name, properties) =>
        name === 'user' ? (answer() as ContextProperties) : properties,
    });
    for (const key of ['a', 'b']) t.service.get('flag-0', { user: { key }, team: { key: 't' } });
    await turn();
    await turn();
    expect((await told(t)).shapes).toEqual({ team: { key: 2 } });
    expect(rejected).not.toHaveBeenCalled();
    expect(t.log.lines('warn')).toEqual([`warn ${redactFailed()}`]);
  });

  it('that gives undefined leaves the context out in silence', async () => {
    const t = await Reporting.start([200], {
      redactContext: (name, properties) => (name === 'user' ? undefined : properties),
    });
    t.service.get('flag-0', { user: { key: 'u' }, team: { key: 't' } });
    expect((await told(t)).shapes).toEqual({ team: { key: 2 } });
    expect(t.log.lines('warn')).toEqual([]);
  });

  it('may change all that it is given: neither the objects of the caller nor the answer change', async () => {
    const since = new Date(1_700_000_000_000);
    const user = {
      key: 'u',
      roles: ['guest', since, { deep: 1 }],
      since,
      address: { city: 'Bern' },
      greet: () => 'hello',
    };
    const given: ContextProperties[] = [];
    const t = await Reporting.start([200], {
      datafile: envelope([flagWhen('guests', when('PROP_IS_ONE_OF', 'user.roles', ['guest']))]),
      redactContext: (_, properties) => {
        given.push(structuredClone(properties));
        (properties['roles'] as unknown[]).shift();
        (properties['roles'] as Date[])[0]!.setTime(0);
        Object.assign((properties['roles'] as object[])[1]!, { deep: 2 });
        (properties['since'] as Date).setTime(0);
        Object.assign(properties['address'] as object, { city: 'Basel' });
        Object.assign(properties['greet'] as object, { name: 'x', changed: true });
        return properties;
      },
    });
    expect(t.service.get('guests', { user })).toBe(true);
    expect(given).toEqual([
      { key: 'u', roles: ['guest', since, {}], since, address: {}, greet: {} },
    ]);
    expect(user).toEqual({
      key: 'u',
      roles: ['guest', since, { deep: 1 }],
      since: new Date(1_700_000_000_000),
      address: { city: 'Bern' },
      greet: user.greet,
    });
    expect(user.greet).not.toHaveProperty('changed');
    const { shapes, examples } = await told(t);
    expect(shapes).toEqual({ user: { key: 2, roles: 10, since: 2, address: 2, greet: 2 } });
    const epoch = '1970-01-01T00:00:00.000Z';
    expect(examples[0]!.contextSet.contexts[0]!.values).toEqual({
      key: 'u',
      roles: [epoch, null],
      since: epoch,
    });
  });

  it('is not given a property that throws, but all others', async () => {
    const t = await Reporting.start([200], { redactContext: (_, properties) => properties });
    const user = {
      key: 'u',
      get plan(): string {
        throw new Error('no plan');
      },
      age: 3,
    };
    t.service.get('flag-0', { user });
    const { shapes, examples } = await told(t);
    expect(shapes).toEqual({ user: { key: 2, age: 1 } });
    expect(examples[0]!.contextSet.contexts[0]!.values).toEqual({ key: 'u', age: 3 });
    expect(t.log.lines('warn')).toEqual([]);
  });

  it('is given a bounded part of what is large', async () => {
    const looks = vi.fn(() => 1);
    const wide = Object.defineProperties(
      { key: 'u' },
      Object.fromEntries(
        Array.from({ length: 5_000 }, (_, at) => [`p${at}`, { enumerable: true, get: looks }]),
      ),
    );
    const given: Contexts = {};
    const t = await Reporting.start([200], {
      redactContext: (name, properties) => ((given[name] = properties), properties),
    });
    t.service.get('flag-0', { wide, long: { list: Array.from({ length: 5_000 }, () => 'x') } });
    expect(Object.keys(given['wide']!)).toHaveLength(1_000);
    expect(looks).toHaveBeenCalledTimes(999);
    expect(given['long']!['list']).toHaveLength(100);
  });

  it('is asked once for each object and report, also when objects take turns', async () => {
    const asked: unknown[] = [];
    const t = await Reporting.start([200], {
      globalContext: { app: { key: 'app' } },
      redactContext: (name, properties) => {
        asked.push(`${name} ${String(properties['key'])}`);
        return properties;
      },
    });
    const user = { key: 'shared' };
    const turns: Contexts[] = [{ user: { key: 'a' } }, { user: { key: 'b' } }];
    const read = () => {
      for (let round = 0; round < 50; round++) {
        for (const contexts of turns) t.service.get('flag-0', contexts);
        // Both objects of it are old, the one around them is new.
        t.service.get('flag-0', { user, owner: user });
      }
    };
    const once = ['user a', 'app app', 'user b', 'user shared', 'owner shared'];
    read();
    expect(asked).toEqual(once);
    await t.tick(1);
    read();
    expect(asked).toEqual([...once, ...once]);
  });

  it('has the objects around contexts looked at once, too', async () => {
    const t = await Reporting.start([200], { redactContext: (_, properties) => properties });
    const look = vi.fn(() => ({ key: 'u' }));
    const turns = [1, 2].map(() => ({
      get user(): ContextProperties {
        return look();
      },
    }));
    for (let round = 0; round < 10; round++) {
      for (const contexts of turns) t.service.get('flag-0', contexts);
    }
    expect(look).toHaveBeenCalledTimes(2);
  });

  it('is asked once, too, for an object of which it leaves nothing', async () => {
    const redactContext = vi.fn((): undefined => undefined);
    const t = await Reporting.start([200], { redactContext });
    const user = { key: 'u' };
    for (let read = 0; read < 10; read++) t.service.get('flag-0', { user });
    expect(redactContext).toHaveBeenCalledTimes(1);
  });
});

describe('a getter in a context', () => {
  it('may read flags: nothing of their contexts is recorded, nor mixed with others', async () => {
    const t = await Reporting.start([200]);
    const user = {
      get key(): string {
        t.service.get('flag-1', { inner: { key: 'i' }, other: { key: 'o' } });
        return 'u';
      },
    };
    t.service.get('flag-0', { user, team: { key: 't' } });
    t.service.get('flag-0', { user: { key: 'u' }, team: { key: 't' } });
    const { shapes, examples } = await told(t);
    expect(shapes).toEqual({ user: { key: 2 }, team: { key: 2 } });
    expect(examples).toHaveLength(1);
  });
});
