import { expectTypeOf, it } from 'vitest';
import { createTestQuonfig, type TestQuonfig, type TestValues } from '../../lib/testing/index.js';

interface BillingConfig {
  'invoice.days': number;
  'invoice.every': number;
  'invoice.currency': string;
  'invoice.limits': { items: number };
  'invoice.paid': boolean;
}

it('a key table applies to the values of a test', () => {
  const quonfig = createTestQuonfig<BillingConfig>({
    'invoice.days': 14,
    'invoice.every': { duration: 'P1D' },
    'invoice.limits': { items: 3 },
  });
  expectTypeOf(quonfig).toEqualTypeOf<TestQuonfig<BillingConfig>>();
  expectTypeOf(quonfig.get('invoice.days')).toEqualTypeOf<number>();
  quonfig.set('invoice.paid', true);
  quonfig.setFor({ user: { key: 'anna' } }, 'invoice.currency', 'NOK');
  quonfig.with({ 'invoice.days': 30 }, () => undefined);
  quonfig.reads('invoice.days');

  expectTypeOf<{ 'invoice.days': string }>().not.toExtend<TestValues<BillingConfig>>();
  expectTypeOf<{ 'invoice.paid': { duration: string } }>().not.toExtend<
    TestValues<BillingConfig>
  >();
  // @ts-expect-error The table has no such key.
  (() => quonfig.set('invoice.dyas', 14)) satisfies () => void;
  // @ts-expect-error The table has no such key.
  (() => createTestQuonfig<BillingConfig>({ 'invoice.dyas': 14 })) satisfies () => unknown;
  // @ts-expect-error The table has another type for this key.
  (() => quonfig.set('invoice.days', 'many')) satisfies () => void;
});

it('without a key table, every key and JSON value is accepted', () => {
  expectTypeOf<{ anything: { nested: [1] } }>().toExtend<TestValues>();
});
