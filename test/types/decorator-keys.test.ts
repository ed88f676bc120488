import { describe, expect, it } from 'vitest';
import { compile } from './compile.js';

const START = `
import { RequireFlag } from 'nestjs-quonfig';
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
});
