import { describe, expect, it, vi } from 'vitest';
import type { KeyPage } from '../../lib/inspector/key-list.js';
import { config, constant, flagWhen, rule, segment, value, when, yes } from '../support/configs.js';
import { ADAPTERS, headerOf, inspected } from './support/application.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const configs = [
  flagWhen('checkout.new', pro),
  constant('checkout.timeout', 'int', 30),
  segment('staff', when('PROP_ENDS_WITH_ONE_OF', 'user.email', ['@example.com'])),
  config('search.limit', 'int', [rule(value('int', 5), pro)]),
  constant('broken.json', 'json', 'not an object'),
];

const names = ({ rows }: KeyPage): string[] => rows.map(({ key }) => key);

describe.each(ADAPTERS)('the list of keys on %s', (adapter) => {
  it('a JSON value with a property named like an object method is listed like any other', async () => {
    const { json } = await inspected([constant('odd', 'json', { toString: 'x' })], { adapter });
    const { rows } = await json<KeyPage>('/api/keys');
    expect(rows[0]!.value).toEqual({ text: '{"toString":"x"}' });
  });

  it('keys are in alphabetical order, with value and reason for the given contexts', async () => {
    const { json } = await inspected(configs, { adapter });
    const page = await json<KeyPage>('/api/keys', { user: { plan: 'pro' } });
    expect(page.total).toBe(5);
    expect(page.rows).toEqual([
      expect.objectContaining({ key: 'broken.json', reason: 'ERROR', error: expect.any(String) }),
      {
        key: 'checkout.new',
        type: 'feature_flag',
        valueType: 'bool',
        value: { text: 'true' },
        reason: 'TARGETING_MATCH',
      },
      expect.objectContaining({ value: { text: '30' }, reason: 'STATIC' }),
      expect.objectContaining({ value: { text: '5' }, reason: 'TARGETING_MATCH' }),
      expect.objectContaining({ key: 'staff', type: 'segment', reason: 'DEFAULT' }),
    ]);

    const other = await json<KeyPage>('/api/keys', { user: { plan: 'free' } });
    expect(other.rows[1]).toMatchObject({ value: { text: 'false' } });
    expect(other.rows[3]).toMatchObject({ reason: 'DEFAULT' });
    expect(other.rows[3]).not.toHaveProperty('value');
  });

  it('a search finds all keys with the words, in any case and order', async () => {
    const { json } = await inspected(configs, { adapter });
    expect(names(await json('/api/keys?search=CHECKOUT'))).toEqual([
      'checkout.new',
      'checkout.timeout',
    ]);
    expect(names(await json('/api/keys?search=out%20time'))).toEqual(['checkout.timeout']);
    expect(names(await json('/api/keys?search=nothing'))).toEqual([]);
    expect(names(await json('/api/keys?types=segment,feature_flag'))).toEqual([
      'checkout.new',
      'staff',
    ]);
  });

  it('the list is paginated', async () => {
    const many = Array.from({ length: 250 }, (_, index) =>
      constant(`key-${String(index).padStart(3, '0')}`, 'int', index),
    );
    const { json } = await inspected(many, { adapter });
    const page = await json<KeyPage>('/api/keys?offset=120&limit=2');
    expect(page).toMatchObject({ total: 250, offset: 120 });
    expect(names(page)).toEqual(['key-120', 'key-121']);
    expect(names(await json('/api/keys'))).toHaveLength(100);
    expect(names(await json('/api/keys?limit=100000'))).toHaveLength(200);
    expect(names(await json('/api/keys?offset=-1&limit=x'))).toHaveLength(100);
  });

  it('invalid contexts are refused with a reason', async () => {
    const { ask } = await inspected(configs, { adapter });
    for (const contexts of ['text', [1], { user: 'u-1' }, null]) {
      const response = await ask('/api/keys', undefined, headerOf(contexts));
      expect(response.status, JSON.stringify(contexts)).toBe(400);
      expect(await response.json()).toEqual({ message: expect.stringContaining('object of') });
    }
    const malformed = await ask('/api/keys', undefined, { 'x-quonfig-contexts': '%%%' });
    expect(malformed.status).toBe(400);
    const large = await ask('/api/keys', { user: { name: 'x'.repeat(8_200) } });
    expect(large.status).toBe(413);
  });

  it('contexts of the request do not change what is shown; those of the service do', async () => {
    const { json } = await inspected(
      [flagWhen('a', pro), flagWhen('b', when('PROP_IS_ONE_OF', 'app.region', ['eu']))],
      {
        adapter,
        quonfig: {
          context: () => ({ user: { key: 'admin', plan: 'pro' } }),
          globalContext: { app: { region: 'eu' } },
        },
      },
    );
    const { rows } = await json<KeyPage>('/api/keys');
    expect(rows.map((row) => row.value)).toEqual([{ text: 'false' }, { text: 'true' }]);
  });

  it('an update appears in the next list', async () => {
    const { json, update } = await inspected(configs, { adapter });
    expect(names(await json('/api/keys?search=added'))).toEqual([]);
    await update([...configs, constant('added.key', 'bool', true)]);
    expect(names(await json('/api/keys?search=added'))).toEqual(['added.key']);
  });

  it('the list follows updates that add, change and remove keys, however fast they come', async () => {
    const { json, update } = await inspected([], { adapter });
    const all = async () =>
      (await json<KeyPage>('/api/keys')).rows.map(({ key, valueType }) => `${key} ${valueType}`);
    const [a, b] = [constant('a', 'bool', true), constant('b', 'int', 1)];
    await update([a, b]);
    expect(await all()).toEqual(['a bool', 'b int']);
    await update([constant('a', 'string', 'x'), constant('c', 'int', 1)]);
    await update([constant('a', 'string', 'y'), b, constant('c', 'int', 1)]);
    await update([constant('a', 'string', 'y'), b]);
    expect(await all()).toEqual(['a string', 'b int']);
  });
});

describe('side effects of the list', () => {
  it('an update of one key does not reread the others', async () => {
    const many = Array.from({ length: 300 }, (_, index) => constant(`key.${index}`, 'int', index));
    const { json, quonfig, update } = await inspected(many);
    expect(await json('/api/keys?limit=1')).toMatchObject({ total: 300 });
    const reads = vi.spyOn(quonfig, 'rawConfig');
    await update([...many.slice(1), constant('key.0', 'int', -1)]);
    expect(await json('/api/keys?limit=1')).toMatchObject({ rows: [{ value: { text: '-1' } }] });
    expect(reads.mock.calls.length).toBeLessThan(10);
  });

  it('viewing keys is not reported as reads', async () => {
    const { json, quonfig } = await inspected([config('a', 'bool', [rule(yes)])]);
    const read: string[] = [];
    quonfig.reads$.subscribe(({ key }) => read.push(key));
    await json('/api/keys');
    await json('/api/key?key=a');
    await json('/api/key?key=unknown');
    expect(read).toEqual([]);
    expect(quonfig.unknownKeys()).toEqual([]);
  });
});
