import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigContext, QuonfigService } from '../../lib/index.js';
import {
  config,
  constant,
  envelope,
  EnvelopeFile,
  flagWhen,
  rule,
  segment,
  serviceOf,
  value,
  when,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { TelemetryStub } from '../support/telemetry-stub.js';

const configs = [
  flagWhen('flag', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
  constant('limit', 'int', 5),
  constant('hold', 'duration', 'PT30M'),
  constant('limits', 'json', { items: 20 }),
  segment('staff', when('IS_PRESENT', 'user.email')),
  config('level', 'log_level', [rule(value('log_level', 'INFO'))], 'log_level'),
];

describe('withOverrides', () => {
  it('everything that the function starts reads the overrides, whatever getter and context', async () => {
    const quonfig = await serviceOf(configs);
    const values = { flag: true, limit: 7, hold: 'PT1M', limits: { items: 1 } };
    await quonfig.withOverrides(values, async () => {
      await delay(1);
      expect(quonfig.isEnabled('flag', { user: { plan: 'free' } })).toBe(true);
      expect(quonfig.get('limit')).toBe(7);
      expect(quonfig.getNumberDetails('limit').value).toBe(7);
      expect(quonfig.getDuration('hold')).toBe(60_000);
      expect(quonfig.withContext({ user: {} }).getJSON('limits')).toEqual({ items: 1 });
    });
    expect(quonfig.isEnabled('flag', { user: { plan: 'free' } })).toBe(false);
    expect(quonfig.get('limit')).toBe(5);
  });

  it('two concurrent functions do not see the overrides of each other', async () => {
    const quonfig = await serviceOf(configs);
    const read = async (limit: number) => {
      await delay(1);
      return [limit, quonfig.get('limit')];
    };
    const reads = [1, 2, 3].map((limit) => quonfig.withOverrides({ limit }, () => read(limit)));
    expect(await Promise.all(reads)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('inner overrides add to outer ones', async () => {
    const quonfig = await serviceOf(configs);
    quonfig.withOverrides({ limit: 1, flag: true }, () => {
      quonfig.withOverrides({ limit: 2 }, () => {
        expect([quonfig.get('limit'), quonfig.get('flag')]).toEqual([2, true]);
      });
      expect(quonfig.get('limit')).toBe(1);
    });
  });

  it('handlers, subscribers and observed values of an update that the function causes read no override', async () => {
    const file = new EnvelopeFile(configs);
    const quonfig = await QuonfigService.create({
      datafile: file.path,
      logger: new RecordingLogger(),
    });
    onTestFinished(() => quonfig.close());
    const seen: unknown[] = [];
    quonfig.observe('limit').subscribe((limit) => seen.push(limit));
    quonfig.updates$.subscribe(() => seen.push(quonfig.get('limit')));
    file.set([constant('limit', 'int', 6)]);
    await quonfig.withOverrides({ limit: 7 }, () => quonfig.refresh());
    expect(seen).toEqual([5, 6, 6]);
  });

  it('code that runs outside of the contexts reads no override', async () => {
    const quonfig = await serviceOf(configs);
    const context = new QuonfigContext(quonfig.parts.ambient);
    quonfig.withOverrides({ limit: 7 }, () => {
      expect(context.outside(() => quonfig.get('limit'))).toBe(5);
      expect(quonfig.get('limit')).toBe(7);
    });
  });

  it('an aborted signal ends the overrides for code that still runs, and leaves outer overrides in place', async () => {
    const quonfig = await serviceOf(configs);
    const outer = new AbortController();
    const inner = new AbortController();
    await quonfig.withOverrides(
      { limit: 1, flag: true },
      () =>
        quonfig.withOverrides(
          { limit: 2 },
          async () => {
            expect(quonfig.get('limit')).toBe(2);
            inner.abort();
            expect(quonfig.get('limit')).toBe(1);
            outer.abort();
            await delay(1);
            expect([quonfig.get('limit'), quonfig.get('flag')]).toEqual([5, false]);
          },
          inner.signal,
        ),
      outer.signal,
    );
  });

  it('two services that are overridden at once do not see the overrides of each other', async () => {
    const [one, other] = [await serviceOf(configs), await serviceOf(configs)];
    one.withOverrides({ limit: 1 }, () => {
      other.withOverrides({ flag: true }, () => {
        expect([one.get('limit'), one.get('flag')]).toEqual([1, false]);
        expect([other.get('limit'), other.get('flag')]).toEqual([5, true]);
      });
    });
  });

  it.each([
    ['an unknown key', { nothing: true }],
    ['another type', { limit: '7' }],
    ['a number that is no integer', { limit: 1.5 }],
    ['a malformed duration', { hold: '30 minutes' }],
    ['a segment', { staff: true }],
    ['a log level', { level: 'DEBUG' }],
  ])('%s is refused before the function runs', async (_, values) => {
    const quonfig = await serviceOf(configs);
    let ran = false;
    expect(() => quonfig.withOverrides(values, () => (ran = true))).toThrow(
      expect.objectContaining({ code: 'invalid_override' }),
    );
    expect(ran).toBe(false);
  });

  it('explain shows what the rules say', async () => {
    const quonfig = await serviceOf(configs);
    quonfig.withOverrides({ limit: 7 }, () => {
      expect(quonfig.explain('limit').outcome.value).toBe(5);
    });
  });

  it('telemetry counts no overridden read', async () => {
    const stub = await TelemetryStub.start(200);
    onTestFinished(() => stub.stop());
    const quonfig = await QuonfigService.create({
      sdkKey: 'qf_sk_overrides',
      telemetryUrl: stub.url,
      datafile: envelope(configs),
      enableQuonfigUserContext: false,
      logger: new RecordingLogger(),
    });
    onTestFinished(() => quonfig.close());
    quonfig.withOverrides({ limit: 7, limits: { items: 1 } }, () => {
      for (let i = 0; i < 3; i++) {
        quonfig.get('limit');
        quonfig.getNumber('limit');
        quonfig.getNumberDetails('limit');
        quonfig.getJSON('limits');
      }
    });
    quonfig.get('limit');
    await quonfig.flush();
    const { events } = JSON.parse(stub.requests[0]!.body) as { events: Record<string, any>[] };
    const { summaries } = Object.assign({}, ...events).summaries;
    expect(summaries).toHaveLength(1);
    expect(summaries[0].counters).toEqual([
      expect.objectContaining({ count: 1, selectedValue: { int: 5 } }),
    ]);
  });
});
