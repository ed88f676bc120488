import { describe, expect, it, vi } from 'vitest';
import { config, flagWhen, rule, serviceOf, split, value, when } from '../support/configs.js';

describe('evaluations per read', () => {
  it.each(['get', 'getString', 'getJSON'] as const)(
    '%s evaluates its config once, whatever the value',
    async (getter) => {
      const random = vi.fn(() => 0.9);
      const variants = [
        { weight: 1, value: value('string', 'constant') },
        {
          weight: 1,
          value: value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_SPLIT' }),
        },
      ];
      process.env['QUONFIG_TEST_SPLIT'] = 'provided';
      try {
        const service = await serviceOf([config('s', 'string', [rule(split(variants))])], {
          random,
        });
        expect(service[getter as 'getString']('s')).toBe('provided');
        expect(random).toHaveBeenCalledTimes(1);
        random.mockReturnValue(0.1);
        expect(service[getter as 'getString']('s')).toBe('constant');
        expect(random).toHaveBeenCalledTimes(2);
      } finally {
        delete process.env['QUONFIG_TEST_SPLIT'];
      }
    },
  );
});

describe('undefined contexts', () => {
  it('an undefined per-call context does not hide the global one', async () => {
    const flag = flagWhen('f', when('PROP_IS_ONE_OF', 'user.plan', ['pro']));
    const service = await serviceOf([flag], { globalContext: { user: { plan: 'pro' } } });
    expect(service.isEnabled('f', { user: undefined })).toBe(true);
    expect(service.withContext({ user: undefined }).isEnabled('f')).toBe(true);
    expect(service.isEnabled('f', { user: {} })).toBe(false);
    expect(service.isEnabled('f', { user: null as never })).toBe(false);
  });
});

describe('reads before the first load', () => {
  it('a read before the first load reports that no configs have been loaded', async () => {
    const service = await serviceOf([], {
      datafile: '/nowhere/envelope.json',
      onInitFailure: 'return-defaults',
    });
    expect(service.get('a', undefined, 1)).toBe(1);
    expect(() => service.get('a')).toThrow(
      expect.objectContaining({
        code: 'missing_default',
        message: expect.stringContaining('not initialized') as string,
      }) as Error,
    );
  });
});

describe('getString on lists of objects', () => {
  it('getString returns a list of objects as JSON', async () => {
    const list = [{ a: 1 }, { b: 2 }];
    const service = await serviceOf([config('l', 'json', [rule(value('json', list))])]);
    expect(service.getString('l')).toBe('[{"a":1},{"b":2}]');
    expect(service.getStringList('l')).toEqual(['{"a":1}', '{"b":2}']);
  });
});

describe('invalid arguments', () => {
  it('an invalid key or request fails only as documented', async () => {
    const service = await serviceOf([], { onNoDefault: 'ignore' });
    const key = Symbol('key') as unknown as string;
    expect(service.getStringDetails(key).errorCode).toBe('FLAG_NOT_FOUND');
    expect(service.explain(key).outcome.errorCode).toBe('FLAG_NOT_FOUND');
    expect(() => service.shouldLog(null as never)).toThrow(
      expect.objectContaining({ code: 'invalid_log_request' }) as Error,
    );
    const level = {
      toString() {
        throw new Error('no text');
      },
    };
    expect(service.shouldLog({ configKey: 'l', desiredLevel: level as never })).toBe(true);
  });
});
