import { describe, expect, it } from 'vitest';
import { createTestQuonfig } from '../../lib/testing/index.js';

describe('reads()', () => {
  it('reads() returns what was read, with value, reason and contexts', () => {
    const quonfig = createTestQuonfig({ limit: 20, 'checkout.new': true });
    quonfig.setFor({ user: { plan: 'pro' } }, 'limit', 100);
    quonfig.getNumber('limit', { user: { plan: 'pro' } });
    quonfig.withContext({ team: { key: 't' } }).isEnabled('checkout.new');
    expect(quonfig.reads()).toEqual([
      {
        key: 'limit',
        value: 100,
        reason: 'TARGETING_MATCH',
        contexts: { user: { plan: 'pro' } },
      },
      { key: 'checkout.new', value: true, reason: 'STATIC', contexts: { team: { key: 't' } } },
    ]);
    expect(quonfig.reads('limit')).toHaveLength(1);
  });

  it('reads() contains the default that a read returned, and no value for one that threw', () => {
    const quonfig = createTestQuonfig({ text: 'x' }, { allowUnknown: true });
    quonfig.getNumber('nope', undefined, 5);
    expect(() => quonfig.getNumber('text')).toThrow();
    expect(quonfig.reads()).toMatchObject([
      { key: 'nope', value: 5, reason: 'ERROR' },
      { key: 'text', value: undefined, reason: 'ERROR' },
    ]);
  });

  it('reads() contains the contexts of the read, even if the application changes them later', () => {
    const quonfig = createTestQuonfig({ limit: 20 });
    const contexts = { user: { plan: 'free' } };
    quonfig.getNumber('limit', contexts);
    contexts.user.plan = 'pro';
    expect(quonfig.reads()[0]?.contexts).toEqual({ user: { plan: 'free' } });
  });

  it('reads() keeps the last thousand', () => {
    const quonfig = createTestQuonfig({ limit: 20, last: 1 });
    for (let i = 0; i < 1_500; i++) quonfig.getNumber('limit');
    quonfig.getNumber('last');
    expect(quonfig.reads()).toHaveLength(1_000);
    expect(quonfig.reads().at(-1)?.key).toBe('last');
  });
});
