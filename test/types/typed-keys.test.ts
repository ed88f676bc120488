import { describe, expect, it } from 'vitest';
import { compile } from './compile.js';

const START = `
import { OnQuonfigUpdate, type QuonfigService } from 'nestjs-quonfig';
declare const quonfig: QuonfigService;
const contexts = { user: { key: 'u-1' } };
`;

const AUGMENTED = `${START}
declare module 'nestjs-quonfig' {
  interface QuonfigTypes {
    'checkout.new-flow': boolean;
    'search.limit': number;
    'search.title': string;
    'search.names': readonly string[];
    'search.ranker': { weight: number };
  }
}
`;

// Each compilation takes a few seconds on a busy machine.
const TIMEOUT = 120_000;

describe('types of reads', { timeout: TIMEOUT }, () => {
  it('the types accept every key in an application that declares none', () => {
    const program = `${START}
      const on: boolean = quonfig.isEnabled('any.key', contexts);
      const limit: number = quonfig.getNumber('any.key', contexts, 5);
      const title: string = quonfig.getString('any.key', null, 'x');
      const names: readonly string[] = quonfig.getStringList('any.key');
      const wait: number = quonfig.getDuration('any.key');
      const field = quonfig.get<{ a: number }>('any.key').a;
      const json = quonfig.getJSON<{ a: number }>('any.key', contexts, { a: 1 }).a;
      const unknown: unknown = quonfig.get('any.key' as string);
      const reason: string = quonfig.getBoolDetails('any.key').reason;
      quonfig.observe<number>('any.key').subscribe((value) => value.toFixed());
      const live: number = quonfig.live<number>('any.key', contexts, 5).value;
      const bound: boolean = quonfig.withContext(contexts).getBool('any.key');
      const later: Promise<number> = quonfig.withContext(contexts, async (q) => q.getNumber('n'));
      class Handlers {
        @OnQuonfigUpdate() all() {}
        @OnQuonfigUpdate('any.key') one() {}
        @OnQuonfigUpdate(['any.key', 'other.*']) some() {}
      }
    `;
    expect(compile(program)).toBe('');
  });

  it('the types of getter results apply in an application that declares no keys', () => {
    const program = `${START}
      // @ts-expect-error a boolean is not a string
      const on: string = quonfig.isEnabled('any.key');
      // @ts-expect-error the default must fit the getter
      quonfig.getNumber('any.key', contexts, 'five');
      // @ts-expect-error lists are readonly
      quonfig.getStringList('any.key').push('x');
      // @ts-expect-error contexts are named objects
      quonfig.get('any.key', { key: 'u-1' });
      // @ts-expect-error a key is a string
      quonfig.get(5);
      // @ts-expect-error details may lack a value
      const value: boolean = quonfig.getBoolDetails('any.key').value;
    `;
    expect(compile(program)).toBe('');
  });

  it('the types follow the keys that an application declares', () => {
    const program = `${AUGMENTED}
      const on: boolean = quonfig.get('checkout.new-flow');
      const limit: number = quonfig.get('search.limit', contexts, 5);
      const title: string = quonfig.get('search.title');
      const names: readonly string[] = quonfig.get('search.names');
      const weight: number = quonfig.get('search.ranker').weight;
      const json: number = quonfig.getJSON('search.ranker', contexts, { weight: 1 }).weight;
      quonfig.isEnabled('checkout.new-flow', contexts);
      quonfig.getBool('checkout.new-flow', contexts, true);
      quonfig.getNumber('search.limit', contexts, 5);
      quonfig.getDuration('search.limit');
      quonfig.getString('search.title', null, 'x');
      quonfig.getStringList('search.names', contexts, []);
      const detail: boolean | undefined = quonfig.getBoolDetails('checkout.new-flow').value;
      quonfig.getNumberDetails('search.limit');
      quonfig.getDurationDetails('search.limit');
      quonfig.getStringDetails('search.title');
      quonfig.getStringListDetails('search.names');
      quonfig.getJSONDetails('search.ranker').value?.weight;
      quonfig.explain('search.title').rules;
      quonfig.getRawMatch('search.title')?.config;
      quonfig.rawConfig('search.title')?.key;
      quonfig.observe('search.limit').subscribe((value) => value.toFixed());
      const live: number = quonfig.live('search.limit').value;
      quonfig.live('search.limit').changes$.subscribe((value) => value.toFixed());
      const bound: number = quonfig.withContext(contexts).get('search.limit');
      const inside: string = quonfig.withContext(contexts, (q) => q.get('search.title'));
      class Handlers {
        @OnQuonfigUpdate() all() {}
        @OnQuonfigUpdate('search.limit') one() {}
        @OnQuonfigUpdate('search.*') some() {}
        @OnQuonfigUpdate(['search.limit', '*.new-flow']) list() {}
      }
    `;
    expect(compile(program)).toBe('');
  });

  it('the types refuse unknown keys once keys are declared', () => {
    const program = `${AUGMENTED}
      // @ts-expect-error
      quonfig.get('serach.limit');
      // @ts-expect-error
      quonfig.get<number>('serach.limit');
      // @ts-expect-error
      quonfig.get('search.limit' as string);
      // @ts-expect-error
      quonfig.isEnabled('checkout.newflow');
      // @ts-expect-error
      quonfig.getBool('checkout.newflow');
      // @ts-expect-error
      quonfig.getNumber('serach.limit');
      // @ts-expect-error
      quonfig.getDuration('serach.limit');
      // @ts-expect-error
      quonfig.getString('serach.title');
      // @ts-expect-error
      quonfig.getStringList('serach.names');
      // @ts-expect-error
      quonfig.getJSON('serach.ranker');
      // @ts-expect-error
      quonfig.getBoolDetails('checkout.newflow');
      // @ts-expect-error
      quonfig.getJSONDetails('serach.ranker');
      // @ts-expect-error
      quonfig.explain('serach.limit');
      // @ts-expect-error
      quonfig.getRawMatch('serach.limit');
      // @ts-expect-error
      quonfig.rawConfig('serach.limit');
      // @ts-expect-error
      quonfig.observe('serach.limit');
      // @ts-expect-error
      quonfig.live('serach.limit');
      // @ts-expect-error
      quonfig.withContext(contexts).get('serach.limit');
      class Handlers {
        // @ts-expect-error
        @OnQuonfigUpdate('serach.limit') one() {}
        // @ts-expect-error
        @OnQuonfigUpdate(['search.limit', 'serach.title']) list() {}
      }
    `;
    expect(compile(program)).toBe('');
  });

  it('the types refuse wrong value types once keys are declared', () => {
    const program = `${AUGMENTED}
      // @ts-expect-error
      const limit: string = quonfig.get('search.limit');
      // @ts-expect-error
      quonfig.get('search.limit', contexts, 'five');
      // @ts-expect-error
      quonfig.isEnabled('search.limit');
      // @ts-expect-error
      quonfig.getBool('search.title');
      // @ts-expect-error
      quonfig.getNumber('checkout.new-flow');
      // @ts-expect-error
      quonfig.getDuration('search.title');
      // @ts-expect-error
      quonfig.getString('search.limit');
      // @ts-expect-error
      quonfig.getStringList('search.title');
      // @ts-expect-error
      quonfig.getBoolDetails('search.limit');
      // @ts-expect-error
      quonfig.getNumberDetails('search.title');
      // @ts-expect-error
      quonfig.getJSON('search.ranker').height;
      // @ts-expect-error
      quonfig.getJSON('search.ranker', contexts, { weight: 'x' });
      // @ts-expect-error
      quonfig.observe('search.limit', contexts, 'five');
      // @ts-expect-error
      quonfig.observe('search.limit').subscribe((value) => value.trim());
      // @ts-expect-error
      const live: string = quonfig.live('search.limit').value;
    `;
    expect(compile(program)).toBe('');
  });

  it('the compiler rejects a wrong program, so these tests really check the types', () => {
    expect(compile(`${AUGMENTED} quonfig.get('serach.limit');`)).toContain('program.ts');
  });
});
