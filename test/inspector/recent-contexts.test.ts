import { describe, expect, it } from 'vitest';
import type { RecentContext } from '../../lib/inspector/recent-contexts.js';
import { flagWhen, when } from '../support/configs.js';
import { ADAPTERS, inspected } from './support/application.js';

const configs = [flagWhen('flag', when('PROP_IS_ONE_OF', 'user.plan', ['pro']))];

interface Kept {
  kept: boolean;
  message?: string;
  contexts?: RecentContext[];
}

describe.each(ADAPTERS)('contexts of recent reads on %s', (adapter) => {
  it('contexts are not kept unless asked for', async () => {
    const { json, quonfig } = await inspected(configs, { adapter });
    quonfig.isEnabled('flag', { user: { key: 'u-1' } });
    expect(await json<Kept>('/api/contexts')).toEqual({
      kept: false,
      message: expect.stringContaining('recentContexts: true'),
    });
  });

  it('contexts are kept once each, the latest first', async () => {
    const inspector = { recentContexts: true };
    const { json, quonfig } = await inspected(configs, { adapter, inspector });
    for (const key of ['u-1', 'u-2', 'u-1']) quonfig.isEnabled('flag', { user: { key } });
    quonfig.isEnabled('flag');
    const { contexts } = await json<Kept>('/api/contexts');
    expect(contexts).toEqual([
      { contexts: { user: { key: 'u-1' } }, reads: 2, lastSeen: expect.any(String) },
      { contexts: { user: { key: 'u-2' } }, reads: 1, lastSeen: expect.any(String) },
    ]);
  });

  it('the oldest contexts go first', async () => {
    const inspector = { recentContexts: { max: 2 } };
    const { json, quonfig } = await inspected(configs, { adapter, inspector });
    for (const key of ['u-1', 'u-2', 'u-3']) quonfig.isEnabled('flag', { user: { key } });
    const { contexts } = await json<Kept>('/api/contexts');
    expect(contexts!.map((one) => one.contexts['user'])).toEqual([{ key: 'u-3' }, { key: 'u-2' }]);
  });

  it('contexts are kept as they are redacted, or not at all', async () => {
    const redact = ({ user }: Record<string, unknown>) => {
      const { key, plan } = user as { key: string; plan?: string };
      if (key === 'throws') throw new Error('no');
      return plan === undefined ? undefined : { user: { plan } };
    };
    const inspector = { recentContexts: { redact: redact as never } };
    const { json, quonfig } = await inspected(configs, { adapter, inspector });
    quonfig.isEnabled('flag', { user: { key: 'secret', plan: 'pro' } });
    quonfig.isEnabled('flag', { user: { key: 'secret' } });
    quonfig.isEnabled('flag', { user: { key: 'throws' } });
    const kept = await json<Kept>('/api/contexts');
    expect(kept.contexts!.map(({ contexts }) => contexts)).toEqual([{ user: { plan: 'pro' } }]);
  });
});

describe('the cost of keeping contexts', () => {
  it('at most 100 reads per second are inspected', async () => {
    const inspector = { recentContexts: { max: 500 } };
    const { json, quonfig } = await inspected(configs, { inspector });
    for (let second = 0; second < 20; second++) {
      for (let i = 0; i < 25; i++) quonfig.isEnabled('flag', { user: { key: `${second}-${i}` } });
    }
    const { contexts } = await json<Kept>('/api/contexts');
    // Two seconds if the loop runs across the end of one.
    expect(contexts!.length).toBeLessThanOrEqual(200);
    expect(contexts!.length).toBeGreaterThanOrEqual(100);
  });
});
