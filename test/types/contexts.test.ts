import { describe, expect, it } from 'vitest';
import { compile } from './compile.js';

const START = `
import {
  type BoundQuonfig,
  type ContextProperties,
  type Contexts,
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
} from 'nestjs-quonfig';
declare const quonfig: QuonfigService;
`;

const OBJECTS = `${START}
interface User {
  key: string;
  plan?: 'pro' | 'free';
}
class Account {
  #secret = 'x';
  constructor(readonly key: string) {}
  get plan() {
    return this.#secret;
  }
}
declare const user: User;
declare const frozen: Readonly<User>;
declare const maybe: User | undefined;
declare const request: { user?: User; account?: Account | undefined };
const constants = { user: { key: 'u-1', tags: ['a', 'b'] } } as const;
type Both = { user: User; account?: Account };
declare const both: Both;
const all = { user, frozen, maybe, account: new Account('a-1') };
`;

/** One of each place that accepts contexts. */
const place = (contexts: string) => `
  quonfig.get('key', ${contexts});
  quonfig.get<number>('key', ${contexts}, 5);
  quonfig.getString('key', ${contexts});
  quonfig.getNumber('key', ${contexts});
  quonfig.getBool('key', ${contexts});
  quonfig.getStringList('key', ${contexts});
  quonfig.getDuration('key', ${contexts});
  quonfig.getJSON('key', ${contexts});
  quonfig.isEnabled('key', ${contexts});
  quonfig.getBoolDetails('key', ${contexts});
  quonfig.getStringDetails('key', ${contexts});
  quonfig.getNumberDetails('key', ${contexts});
  quonfig.getStringListDetails('key', ${contexts});
  quonfig.getJSONDetails('key', ${contexts});
  quonfig.getDurationDetails('key', ${contexts});
  quonfig.explain('key', ${contexts});
  quonfig.getRawMatch('key', ${contexts});
  quonfig.observe('key', ${contexts});
  quonfig.live('key', ${contexts});
  quonfig.shouldLog({ configKey: 'key', desiredLevel: 'info', contexts: ${contexts} });
  { const reader: BoundQuonfig = quonfig.withContext(${contexts}).withContext(${contexts}); }
  { const on: boolean = quonfig.withContext(${contexts}, (reader) => reader.isEnabled('key')); }
  { const options: QuonfigModuleOptions = { globalContext: ${contexts} }; }
  QuonfigModule.forRoot({ globalContext: ${contexts} });
  QuonfigService.create({ globalContext: ${contexts} });
  { const contexts: Contexts = ${contexts}; }
`;

// Each takes the compiler a few seconds when the machine is busy.
const TIMEOUT = 120_000;

describe('types of contexts', { timeout: TIMEOUT }, () => {
  it.each([
    ['default options', {}],
    ['exact optional properties', { exactOptionalPropertyTypes: true }],
  ])(
    'every place accepts interfaces, instances, read-only and optional objects with %s',
    (_, options) => {
      const program = [
        'all',
        'both',
        'constants',
        '{ user }',
        '{ user: maybe }',
        '{ user: request.user, account: request.account }',
      ];
      expect(compile(OBJECTS + program.map(place).join(''), options)).toBe('');
    },
  );

  it('redactContext receives properties by name and may return any object', () => {
    const program = `${OBJECTS}
      const properties: ContextProperties = user;
      const contexts: Contexts = {};
      contexts['user'] = properties;
      const options: QuonfigModuleOptions[] = [
        {
          redactContext: (name, properties) => {
            const { email, ...others } = properties;
            properties['key'] = name;
            return others;
          },
        },
        { redactContext: () => undefined },
        { redactContext: () => user },
        { redactContext: () => new Account('a-1') },
      ];
    `;
    expect(compile(program)).toBe('');
  });

  it('a context that is not an object is refused', () => {
    const program = `${OBJECTS}
      // @ts-expect-error
      quonfig.get('key', { key: 'u-1' });
      // @ts-expect-error
      quonfig.get('key', user);
      // @ts-expect-error
      quonfig.withContext({ user: 5 });
      // @ts-expect-error
      quonfig.isEnabled('key', 'u-1');
      // @ts-expect-error
      quonfig.shouldLog({ configKey: 'key', desiredLevel: 'info', contexts: { user: true } });
      // @ts-expect-error
      const options: QuonfigModuleOptions = { globalContext: { key: 'u-1' } };
    `;
    expect(compile(program)).toBe('');
  });
});
