import { Logger } from '@nestjs/common';
import type { EvaluationContext } from '@openfeature/server-sdk';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { QuonfigProvider, type QuonfigProviderOptions } from '../../lib/openfeature/index.js';
import { constant, flagWhen, serviceOf, when } from '../support/configs.js';

const refuse = (): never => {
  throw new Error('touched');
};

/** Any access to it throws. */
const untouchable: object = new Proxy(
  {},
  {
    get: refuse,
    getPrototypeOf: refuse,
    has: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
  },
);

const configs = [
  constant('it', 'bool', true),
  flagWhen('pro', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
];

const provider = async (options: QuonfigProviderOptions = {}): Promise<QuonfigProvider> =>
  new QuonfigProvider(await serviceOf(configs), options);

describe('hostile arguments of an evaluation', () => {
  const throwing = {
    get plan(): string {
      return refuse();
    },
  };

  it.each<[string, unknown]>([
    ['has a getter that throws', throwing],
    ['is a proxy that refuses everything', untouchable],
    ['is null', null],
    ['has a date whose methods throw', { date: Object.assign(new Date(), { getTime: refuse }) }],
  ])('a context that %s is INVALID_CONTEXT with the default', async (_, context) => {
    const evaluated = (await provider()).resolveBooleanEvaluation(
      'it',
      false,
      context as EvaluationContext,
    );
    expect(await evaluated).toMatchObject({
      value: false,
      reason: 'ERROR',
      errorCode: 'INVALID_CONTEXT',
    });
  });

  it.each<[string, unknown]>([
    ['a proxy', { 'user.plan': untouchable }],
    ['a bigint, a symbol and a function', { a: 1n, b: Symbol('x'), c: refuse }],
    ['a targeting key that is an object', { targetingKey: {} }],
  ])('a context with %s as a property matches no rule', async (_, context) => {
    const evaluated = (await provider()).resolveBooleanEvaluation(
      'pro',
      true,
      context as EvaluationContext,
    );
    expect(await evaluated).toMatchObject({ value: false, reason: 'TARGETING_MATCH' });
  });
});

describe('hostile handlers of tracking events', () => {
  it.each<[string, unknown]>([
    ['an object without a prototype', Object.create(null)],
    ['a proxy that refuses everything', untouchable],
    ['undefined', undefined],
  ])('an onTrack that throws %s, or rejects with it, is logged', async (_, thrown) => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    onTestFinished(() => logged.mockRestore());
    const fail = (): never => {
      throw thrown;
    };
    (await provider({ onTrack: fail })).track!('checkout', {}, {});
    (await provider({ onTrack: async () => fail() })).track!('checkout', {}, {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(logged).toHaveBeenCalledTimes(2);
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('unknown error'));
  });
});
