import { describe, expect, it } from 'vitest';
import type { Config, Contexts } from '../../lib/index.js';
import type { KeyView } from '../../lib/inspector/key-view.js';
import {
  EnvelopeFile,
  always,
  config,
  constant,
  flagWhen,
  no,
  rule,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';
import { inspected } from './support/application.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const PRO = { user: { key: 'u-1', plan: 'pro' } };

async function viewOf(configs: Config[], contexts: Contexts): Promise<KeyView> {
  const { json } = await inspected(configs);
  return json<KeyView>('/api/key?key=flag', contexts);
}

describe('flags with surprising values', () => {
  it('a flag whose rules are for another environment says so', async () => {
    const environment = { id: 'Production', rules: [rule(yes, always)] };
    const view = await viewOf([{ ...config('flag', 'bool', [rule(no)]), environment }], PRO);
    expect(view).toMatchObject({
      value: { text: 'false' },
      environment: 'production',
      otherEnvironment: 'Production',
    });
  });

  it('a rule that an earlier one shadows says so', async () => {
    const view = await viewOf([config('flag', 'bool', [rule(no), rule(yes, pro)])], PRO);
    expect(view.value).toEqual({ text: 'false' });
    expect(view.rules.map(({ status }) => status)).toEqual(['matched', 'shadowed']);
  });

  it('a user outside of the rollout has a position beyond its share', async () => {
    const rollout = split(
      [
        { weight: 10, value: yes },
        { weight: 90, value: no },
      ],
      'user.key',
    );
    const view = await viewOf([config('flag', 'bool', [rule(rollout)])], PRO);
    const { position, variants } = view.rules[0]!.split!;
    expect(view.value).toEqual({ text: 'false' });
    expect(position).toBeGreaterThan(variants[0]!.share);
    expect(variants.map(({ picked }) => picked)).toEqual([false, true]);
  });

  it('a misspelled property is named with the one that rules read', async () => {
    const view = await viewOf([flagWhen('flag', pro)], { user: { key: 'u-1', plna: 'pro' } });
    expect(view.rules[0]!.conditions[0]).toMatchObject({ reason: 'the property is missing' });
    expect(view.unread).toContainEqual({ property: 'user.plna', suggestion: 'user.plan' });
  });

  it('a flag from a file that can no longer be read is reported as older than the file', async () => {
    const file = new EnvelopeFile([constant('flag', 'bool', true)]);
    const { json, quonfig } = await inspected([], { quonfig: { datafile: file.path } });
    file.write('{');
    await quonfig.refresh().catch(() => undefined);
    expect(await json('/api/key?key=flag')).toMatchObject({ olderThanFiles: true });
  });

  it('a flag whose value cannot be resolved says why', async () => {
    const odd = config('flag', 'json', [rule(value('json', 'text'))]);
    const view = await viewOf([odd], PRO);
    expect(view).toMatchObject({ reason: 'ERROR', error: expect.stringContaining('"flag"') });
  });
});
