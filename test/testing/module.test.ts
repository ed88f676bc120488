import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  getQuonfigToken,
  InjectQuonfig,
  OnQuonfigUpdate,
  QuonfigContext,
  QuonfigService,
  type QuonfigUpdate,
} from '../../lib/index.js';
import {
  createTestQuonfigFromRules,
  createTestQuonfigFromWorkspace,
  QuonfigTestingModule,
  TestQuonfig,
} from '../../lib/testing/index.js';
import { directoryMisnamed } from '../../lib/sources/datadir/workspace-hints.messages.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';

const workspace = fileURLToPath(new URL('../../sample/workspace', import.meta.url));
const logger = { warn: () => undefined, error: () => undefined };

@Injectable()
class SearchService {
  readonly updates: (readonly string[])[] = [];

  constructor(
    readonly quonfig: QuonfigService,
    readonly context: QuonfigContext,
  ) {}

  @OnQuonfigUpdate('limit')
  changed({ added, changed }: QuonfigUpdate): void {
    this.updates.push([...added, ...changed]);
  }
}

@Module({ providers: [SearchService] })
class SearchModule {}

describe('QuonfigTestingModule', () => {
  it('forValues provides the service, its parts and update handlers to a module without QuonfigModule', async () => {
    const app = await Test.createTestingModule({
      imports: [QuonfigTestingModule.forValues({ limit: 20 }), SearchModule],
    }).compile();
    await app.init();
    const quonfig = app.get(TestQuonfig);
    const search = app.get(SearchService);
    expect(search.quonfig).toBe(quonfig);
    quonfig.setFor({ user: { plan: 'pro' } }, 'limit', 100);
    const limit = (): number => search.quonfig.getNumber('limit');
    expect(search.context.run({ user: { plan: 'pro' } }, limit)).toBe(100);
    expect(search.updates).toEqual([['limit'], ['limit']]);
    await app.close();
  });

  it('forRules provides values that depend on the contexts', async () => {
    const app = await Test.createTestingModule({
      imports: [
        QuonfigTestingModule.forRules({
          limit: [{ when: { user: { plan: 'pro' } }, value: 100 }, { value: 20 }],
        }),
        SearchModule,
      ],
    }).compile();
    const { quonfig } = app.get(SearchService);
    expect(quonfig.getNumber('limit', { user: { plan: 'pro' } })).toBe(100);
    expect(quonfig.getNumber('limit')).toBe(20);
    await app.close();
  });

  it('forWorkspace provides the rules of a directory', async () => {
    const app = await Test.createTestingModule({
      imports: [
        QuonfigTestingModule.forWorkspace(workspace, 'production', { logger }),
        SearchModule,
      ],
    }).compile();
    const { quonfig } = app.get(SearchService);
    expect(quonfig.health().environment).toBe('production');
    expect(quonfig.getJSON('cart.limits')).toEqual({ items: 20, vouchers: 1 });
    await app.close();
  });

  it('a named instance has its own service', async () => {
    @Injectable()
    class Billing {
      constructor(@InjectQuonfig('billing') readonly quonfig: QuonfigService) {}
    }
    const app = await Test.createTestingModule({
      imports: [
        QuonfigTestingModule.forValues({ limit: 20 }),
        QuonfigTestingModule.forValues({ price: 9.99 }, { name: 'billing' }),
      ],
      providers: [Billing],
    }).compile();
    expect(app.get(Billing).quonfig.keys()).toEqual(['price']);
    expect(app.get(getQuonfigToken('billing'))).toBe(app.get(Billing).quonfig);
    expect(app.get(TestQuonfig).keys()).toEqual(['limit']);
    await app.close();
  });

  it('two modules in one process do not share a service', async () => {
    const create = (limit: number) =>
      Test.createTestingModule({
        imports: [QuonfigTestingModule.forValues({ limit }), SearchModule],
      }).compile();
    const [one, other] = [await create(1), await create(2)];
    expect(one.get(SearchService).quonfig.get('limit')).toBe(1);
    expect(other.get(SearchService).quonfig.get('limit')).toBe(2);
    await Promise.all([one.close(), other.close()]);
  });
});

describe('createTestQuonfigFromRules', () => {
  it('createTestQuonfigFromRules accepts criteria with any operator, and the first rule that matches decides', () => {
    const quonfig = createTestQuonfigFromRules({
      greeting: [
        {
          criteria: [
            {
              operator: 'PROP_ENDS_WITH_ONE_OF',
              propertyName: 'user.email',
              valueToMatch: { type: 'string_list', value: ['@example.com'] },
            },
          ],
          when: { user: { active: true } },
          value: 'hello colleague',
        },
        { when: { user: { active: true } }, value: 'hello' },
        { value: 'please log in' },
      ],
    });
    const greet = (user: object): string => quonfig.getString('greeting', { user });
    expect(greet({ email: 'a@example.com', active: true })).toBe('hello colleague');
    expect(greet({ email: 'a@other.com', active: true })).toBe('hello');
    expect(greet({ email: 'a@example.com', active: false })).toBe('please log in');
  });

  it.each([
    ['no rules', { limit: [] }],
    ['a rule that is null', { limit: [null] }],
    ['one rule instead of a list', { limit: { value: 20 } }],
    [
      'values of different types',
      { limit: [{ when: { a: { b: 1 } }, value: 'x' }, { value: 20 }] },
    ],
    ['a context that is not an object', { limit: [{ when: { user: 'anna' }, value: 20 }] }],
  ])('createTestQuonfigFromRules refuses %s with the key', (_, rules) => {
    expect(() => createTestQuonfigFromRules(rules as never)).toThrow(/The key "limit"/);
  });

  it('a rule with a fraction makes the key a double', () => {
    const quonfig = createTestQuonfigFromRules({
      rate: [{ when: { user: { plan: 'pro' } }, value: 1 }, { value: 0.5 }],
    });
    expect(quonfig.getNumber('rate')).toBe(0.5);
    expect(quonfig.getNumber('rate', { user: { plan: 'pro' } })).toBe(1);
  });
});

describe('createTestQuonfigFromWorkspace', () => {
  it('createTestQuonfigFromWorkspace reads the rules as they are published; set and setFor change them, reset restores them', async () => {
    const quonfig = await createTestQuonfigFromWorkspace(workspace, 'production', { logger });
    const before = quonfig.explain('home.headline').outcome;
    quonfig.setFor({ user: { key: 'anna' } }, 'home.headline', 'Hello Anna');
    expect(quonfig.getString('home.headline', { user: { key: 'anna' } })).toBe('Hello Anna');
    expect(quonfig.explain('home.headline').outcome.value).toBe(before.value);
    quonfig.set('home.headline', 'Hello');
    expect(quonfig.getString('home.headline')).toBe('Hello');
    quonfig.reset();
    expect(quonfig.explain('home.headline').outcome).toEqual(before);
  });

  it('createTestQuonfigFromWorkspace logs what is wrong with the workspace', async () => {
    const made = createWorkspace({ configs: [stringConfig('a', '1')] });
    onTestFinished(() => made.cleanup());
    made.writeFile('config/b.json', '{}');
    const log = new RecordingLogger();
    await createTestQuonfigFromWorkspace(made.path, 'production', { logger: log });
    expect(log.messages('warn')).toEqual([directoryMisnamed(join(made.path, 'config'), 'configs')]);
  });

  it('a directory that does not exist is an error', async () => {
    await expect(createTestQuonfigFromWorkspace('./nope', 'production')).rejects.toMatchObject({
      code: 'invalid_workspace',
    });
  });
});
