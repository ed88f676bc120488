import { describe, expect, it } from 'vitest';
import { compile } from './compile.js';

const START = `
import {
  ConfigDetails, ConfigValue, createQuonfigDecorators, Flag, Live, type LiveValue, RequireFlag,
} from 'nestjs-quonfig';
const pipe = { transform: (value: unknown) => value };
`;

const AUGMENTED = `${START}
declare module 'nestjs-quonfig' {
  interface QuonfigTypes {
    'checkout.new-flow': boolean;
    'search.limit': number;
    'search.title': string;
    'search.ranker': { weight: number };
  }
}
`;

// Each compilation takes a few seconds on a busy machine.
describe('keys in decorators', { timeout: 120_000 }, () => {
  it('@RequireFlag accepts every key in an application that declares none', () => {
    const program = `${START}
      @RequireFlag({ key: 'any.key', equals: 5 })
      class Guarded {
        @RequireFlag('any.key') one() {}
        @RequireFlag({ all: ['a', { not: 'b' }, { any: ['c', { key: 'd', equals: 'x' }] }] }) all() {}
        // @ts-expect-error a key is a string
        @RequireFlag(5) wrong() {}
        // @ts-expect-error no such option
        @RequireFlag('a', { code: 404 }) option() {}
      }
    `;
    expect(compile(program)).toBe('');
  });

  it('@RequireFlag accepts flags, and values of the type of their key, once keys are declared', () => {
    const program = `${AUGMENTED}
      class Guarded {
        @RequireFlag('checkout.new-flow') one() {}
        @RequireFlag({ all: ['checkout.new-flow', { not: 'checkout.new-flow' }] }) all() {}
        @RequireFlag({ key: 'search.limit', equals: 5 }) limit() {}
        @RequireFlag({ any: [{ key: 'search.ranker', equals: { weight: 1 } }] }) json() {}
        // @ts-expect-error
        @RequireFlag('checkout.newflow') misspelled() {}
        // @ts-expect-error
        @RequireFlag('search.limit') number() {}
        // @ts-expect-error
        @RequireFlag({ not: 'search.title' }) string() {}
        // @ts-expect-error
        @RequireFlag({ all: ['checkout.newflow'] }) inside() {}
        // @ts-expect-error
        @RequireFlag({ key: 'search.limit', equals: 'five' }) wrongValue() {}
        // @ts-expect-error
        @RequireFlag({ key: 'serach.limit', equals: 5 }) wrongKey() {}
      }
    `;
    expect(compile(program)).toBe('');
  });

  it('parameters and properties accept every key in an application that declares none', () => {
    const program = `${START}
      class Routes {
        @Live('any.key', 5) limit!: LiveValue<number>;
        @Live('any.key', undefined, { instance: 'billing' }) other!: LiveValue<number>;
        one(@Flag('a') a: boolean, @Flag('a', true, pipe) b: boolean, @Flag('a', pipe) c: boolean) {}
        two(@ConfigValue('a') a: number, @ConfigValue('a', 5, pipe, { instance: 'b' }) b: number) {}
        three(@ConfigDetails('a') a: unknown, @ConfigDetails('a', pipe, { instance: 'b' }) b: unknown) {}
        // @ts-expect-error a flag's default is a boolean
        four(@Flag('a', 'on') a: boolean) {}
        // @ts-expect-error not a pipe
        five(@ConfigDetails('a', 5) a: unknown) {}
      }
    `;
    expect(compile(program)).toBe('');
  });

  it('parameters and properties accept the declared keys and defaults of their types', () => {
    const program = `${AUGMENTED}
      class Routes {
        @Live('search.limit', 5) limit!: LiveValue<number>;
        // @ts-expect-error
        @Live('search.limit', 'five') wrong!: LiveValue<number>;
        // @ts-expect-error
        @Live('serach.limit') misspelled!: LiveValue<number>;
        one(@Flag('checkout.new-flow', true) a: boolean, @ConfigValue('search.limit', 5, pipe) b: number) {}
        two(@ConfigValue('search.ranker', { weight: 1 }) a: object, @ConfigDetails('search.title') b: unknown) {}
        // @ts-expect-error
        three(@Flag('search.limit') a: boolean) {}
        // @ts-expect-error
        four(@ConfigValue('serach.limit') a: number) {}
        // @ts-expect-error
        five(@ConfigValue('search.limit', 'five') a: number) {}
        // @ts-expect-error
        six(@ConfigDetails('serach.title') a: unknown) {}
      }
    `;
    expect(compile(program)).toBe('');
  });

  it('the decorators of an instance accept the keys of its table, whatever the application declares', () => {
    const program = `${AUGMENTED}
      interface BillingConfig { 'invoices.pdf': boolean; 'invoices.limit': number }
      const Billing = createQuonfigDecorators<BillingConfig>('billing');
      class Invoices {
        @Billing.Live('invoices.limit', 5) limit!: LiveValue<number>;
        @Billing.RequireFlag({ all: ['invoices.pdf', { key: 'invoices.limit', equals: 5 }] }) one() {}
        two(@Billing.Flag('invoices.pdf', true) a: boolean, @Billing.ConfigValue('invoices.limit', 5, pipe) b: number) {}
        @Billing.OnQuonfigUpdate(['invoices.limit', 'invoices.*']) three() {}
        // @ts-expect-error
        @Billing.RequireFlag('checkout.new-flow') four() {}
        // @ts-expect-error
        @Billing.Live('search.limit') five!: LiveValue<number>;
        // @ts-expect-error
        six(@Billing.ConfigValue('invoices.limit', 'five') a: number) {}
        // @ts-expect-error
        @Billing.OnQuonfigUpdate('search.limit') seven() {}
        // @ts-expect-error
        @RequireFlag('invoices.pdf') eight() {}
      }
      const Any = createQuonfigDecorators('other');
      // @ts-expect-error the keys of the application, unless a table is given
      Any.Flag('invoices.pdf');
      Any.Flag('checkout.new-flow');
    `;
    expect(compile(program)).toBe('');
  });

  it('a service of an instance reads the keys of its table, whatever the application declares', () => {
    const program = `${AUGMENTED}
      import { type BoundQuonfig, InjectQuonfig, type QuonfigService } from 'nestjs-quonfig';
      interface BillingConfig { 'invoices.pdf': boolean; 'invoices.limit': number }
      class Invoices {
        constructor(@InjectQuonfig('billing') readonly billing: QuonfigService<BillingConfig>) {}
        read(own: QuonfigService) {
          const { billing } = this;
          const limit: number = billing.get('invoices.limit', undefined, 5);
          const on: boolean = billing.isEnabled('invoices.pdf');
          const live: number = billing.live('invoices.limit').value;
          const bound: BoundQuonfig<BillingConfig> = billing.withContext({ user: { key: 'u' } });
          const inside: number = billing.withContext({}, (q) => q.getNumber('invoices.limit'));
          billing.observe('invoices.limit').subscribe((value) => value.toFixed());
          billing.rawConfig('invoices.pdf');
          own.getNumber('search.limit');
          // @ts-expect-error
          own.getNumber('invoices.limit');
          // @ts-expect-error
          billing.getNumber('search.limit');
          // @ts-expect-error
          billing.isEnabled('invoices.limit');
          // @ts-expect-error
          billing.get('invoices.limit', undefined, 'five');
          // @ts-expect-error
          bound.rawConfig('search.limit');
          return [limit, on, live, inside];
        }
      }
    `;
    expect(compile(program)).toBe('');
  });
});
