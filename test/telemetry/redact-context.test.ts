import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ContextProperties, Contexts } from '../../lib/index.js';
import { redactFailed } from '../../lib/telemetry/telemetry.messages.js';
import { envelope, flagWhen, when } from '../support/configs.js';
import { Reporting } from './support/reporting.js';
import { type ReportedContexts, reportedContexts } from './support/windows.js';

async function nextReport(t: Reporting, request = 0): Promise<ReportedContexts> {
  await t.tick(request + 1);
  return reportedContexts(t.stub.requests[request]!.body);
}

describe('redactContext', () => {
  it('redactContext may read flags: they resolve and are counted, but their contexts are not recorded', async () => {
    const names: string[] = [];
    const values: unknown[] = [];
    const t = await Reporting.start([200], {
      globalContext: { app: { key: 'app' } },
      redactContext: (name, properties) => {
        names.push(name);
        if (names.length > 20) return properties;
        values.push(t.service.get('flag-1', { inner: { key: `inner-${names.length}` } }));
        return properties;
      },
    });
    expect(t.service.get('flag-0', { user: { key: 'u' } })).toBe(true);
    expect(names).toEqual(['user', 'app']);
    expect(values).toEqual([true, true]);
    const { shapes, examples } = await nextReport(t);
    expect(shapes).toEqual({ user: { key: 2 }, app: { key: 2 } });
    expect(examples).toHaveLength(1);
    const { events } = JSON.parse(t.stub.requests[0]!.body) as { events: any[] };
    const counts = events[0].summaries.summaries.map((summary: any) => [
      summary.key,
      summary.counters[0].count,
    ]);
    expect(Object.fromEntries(counts)).toEqual({ 'flag-0': 1, 'flag-1': 2 });
  });

  it('a redactContext that throws after reading a flag does not block later contexts', async () => {
    const t = await Reporting.start([200], {
      redactContext: (name, properties) => {
        if (name === 'bad') t.service.get('flag-1', { inner: { key: 'i' } });
        if (name === 'bad') throw new Error('secret detail');
        return properties;
      },
    });
    t.service.get('flag-0', { bad: { key: 'b' } });
    t.service.get('flag-0', { user: { key: 'u' } });
    expect((await nextReport(t)).shapes).toEqual({ user: { key: 2 } });
    expect(t.log.lines('warn')).toEqual([`warn ${redactFailed()}`]);
  });

  it.each<[string, () => unknown]>([
    ['a rejected promise', () => Promise.reject(new Error('secret detail'))],
    ['a fulfilled promise', () => Promise.resolve({ key: 'later' })],
    // oxlint-disable-next-line unicorn/no-thenable
    ['a thenable', () => ({ key: 'u', then: (done: () => void) => done() })],
    ['a list', () => [{ key: 'u' }]],
    ['a string', () => 'u'],
    ['a number', () => 1],
    ['a function', () => () => ({ key: 'u' })],
    ['bytes', () => Buffer.from('u')],
    ['null', () => null],
    ['false', () => false],
  ])('a context is left out with one warning if redactContext returns %s', async (_, answer) => {
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
    expect((await nextReport(t)).shapes).toEqual({ team: { key: 2 } });
    expect(rejected).not.toHaveBeenCalled();
    expect(t.log.lines('warn')).toEqual([`warn ${redactFailed()}`]);
  });

  it('a context is left out silently if redactContext returns undefined', async () => {
    const t = await Reporting.start([200], {
      redactContext: (name, properties) => (name === 'user' ? undefined : properties),
    });
    t.service.get('flag-0', { user: { key: 'u' }, team: { key: 't' } });
    expect((await nextReport(t)).shapes).toEqual({ team: { key: 2 } });
    expect(t.log.lines('warn')).toEqual([]);
  });

  it("redactContext may modify what it receives without affecting the caller's objects or the evaluation", async () => {
    const since = new Date(1_700_000_000_000);
    const user = {
      key: 'u',
      roles: ['guest', since, { deep: 1 }],
      since,
      address: { city: 'Bern' },
      greet: () => 'hello',
    };
    const received: ContextProperties[] = [];
    const t = await Reporting.start([200], {
      datafile: envelope([flagWhen('guests', when('PROP_IS_ONE_OF', 'user.roles', ['guest']))]),
      redactContext: (_, properties) => {
        received.push(structuredClone(properties));
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
    expect(received).toEqual([
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
    const { shapes, examples } = await nextReport(t);
    expect(shapes).toEqual({ user: { key: 2, roles: 10, since: 2, address: 2, greet: 2 } });
    const epoch = '1970-01-01T00:00:00.000Z';
    expect(examples[0]!.contextSet.contexts[0]!.values).toEqual({
      key: 'u',
      roles: [epoch, null],
      since: epoch,
    });
  });

  it('redactContext receives every property except those that throw', async () => {
    const t = await Reporting.start([200], { redactContext: (_, properties) => properties });
    const user = {
      key: 'u',
      get plan(): string {
        throw new Error('no plan');
      },
      age: 3,
    };
    t.service.get('flag-0', { user });
    const { shapes, examples } = await nextReport(t);
    expect(shapes).toEqual({ user: { key: 2, age: 1 } });
    expect(examples[0]!.contextSet.contexts[0]!.values).toEqual({ key: 'u', age: 3 });
    expect(t.log.lines('warn')).toEqual([]);
  });

  it('redactContext receives only a bounded part of large contexts', async () => {
    const reads = vi.fn(() => 1);
    const wide = Object.defineProperties(
      { key: 'u' },
      Object.fromEntries(
        Array.from({ length: 5_000 }, (_, at) => [`p${at}`, { enumerable: true, get: reads }]),
      ),
    );
    const received: Record<string, Record<string, unknown>> = {};
    const t = await Reporting.start([200], {
      redactContext: (name, properties) => ((received[name] = properties), properties),
    });
    t.service.get('flag-0', { wide, long: { list: Array.from({ length: 5_000 }, () => 'x') } });
    expect(Object.keys(received['wide']!)).toHaveLength(1_000);
    expect(reads).toHaveBeenCalledTimes(999);
    expect(received['long']!['list']).toHaveLength(100);
  });

  it('redactContext is called once per object and report, even if objects alternate', async () => {
    const calls: unknown[] = [];
    const t = await Reporting.start([200], {
      globalContext: { app: { key: 'app' } },
      redactContext: (name, properties) => {
        calls.push(`${name} ${String(properties['key'])}`);
        return properties;
      },
    });
    const user = { key: 'shared' };
    const turns: Contexts[] = [{ user: { key: 'a' } }, { user: { key: 'b' } }];
    const read = () => {
      for (let round = 0; round < 50; round++) {
        for (const contexts of turns) t.service.get('flag-0', contexts);
        // Both contexts are known objects, inside a new one.
        t.service.get('flag-0', { user, owner: user });
      }
    };
    const once = ['user a', 'app app', 'user b', 'user shared', 'owner shared'];
    read();
    expect(calls).toEqual(once);
    await t.tick(1);
    read();
    expect(calls).toEqual([...once, ...once]);
  });

  it('an object with contexts is read once, even if objects alternate', async () => {
    const t = await Reporting.start([200], { redactContext: (_, properties) => properties });
    const readUser = vi.fn(() => ({ key: 'u' }));
    const turns = [1, 2].map(() => ({
      get user(): ContextProperties {
        return readUser();
      },
    }));
    for (let round = 0; round < 10; round++) {
      for (const contexts of turns) t.service.get('flag-0', contexts);
    }
    expect(readUser).toHaveBeenCalledTimes(2);
  });

  it('redactContext is called once for an object that it leaves out', async () => {
    const redactContext = vi.fn((): undefined => undefined);
    const t = await Reporting.start([200], { redactContext });
    const user = { key: 'u' };
    for (let read = 0; read < 10; read++) t.service.get('flag-0', { user });
    expect(redactContext).toHaveBeenCalledTimes(1);
  });
});

describe('a getter in a context', () => {
  it('a context getter may read flags; their contexts are neither recorded nor mixed with others', async () => {
    const t = await Reporting.start([200]);
    const user = {
      get key(): string {
        t.service.get('flag-1', { inner: { key: 'i' }, other: { key: 'o' } });
        return 'u';
      },
    };
    t.service.get('flag-0', { user, team: { key: 't' } });
    t.service.get('flag-0', { user: { key: 'u' }, team: { key: 't' } });
    const { shapes, examples } = await nextReport(t);
    expect(shapes).toEqual({ user: { key: 2 }, team: { key: 2 } });
    expect(examples).toHaveLength(1);
  });
});
