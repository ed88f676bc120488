import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HistoryEntry, KeyDifference } from '../../lib/inspector/update-history.js';
import { constant, flagWhen, when } from '../support/configs.js';
import { ADAPTERS, inspected, type InspectedApplication } from './support/application.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const team = when('PROP_IS_ONE_OF', 'user.plan', ['team']);

const historyOf = async ({ json }: InspectedApplication): Promise<HistoryEntry[]> =>
  (await json<{ updates: HistoryEntry[] }>('/api/history')).updates;

const differencesOf = async (
  { json }: InspectedApplication,
  id: number,
): Promise<KeyDifference[]> =>
  (await json<{ keys: KeyDifference[] }>(`/api/differences?update=${id}`)).keys;

/** The events of the stream, as `name data`, in order. */
async function eventsOf({ ask }: InspectedApplication): Promise<string[]> {
  const response = await ask('/api/events');
  const events: string[] = [];
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  onTestFinished(() => void reader.cancel().catch(() => undefined));
  void (async () => {
    for (let text = ''; ;) {
      const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
      if (done) return events.push('end');
      const parts = (text + value).split('\n\n');
      text = parts.pop()!;
      events.push(...parts);
    }
  })();
  return events;
}

describe.each(ADAPTERS)('the history on %s', (adapter) => {
  it('the history starts with the configs that the inspector found', async () => {
    const application = await inspected([constant('a', 'int', 1)], { adapter });
    expect(await historyOf(application)).toEqual([
      {
        id: 1,
        source: 'datafile',
        version: 'v1',
        environment: 'production',
        generation: 0,
        installedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        isFirst: true,
        total: 1,
        keys: [],
      },
    ]);
  });

  it('an update has a difference for each key, in sentences', async () => {
    const application = await inspected([flagWhen('flag', pro), constant('gone', 'int', 1)], {
      adapter,
    });
    await application.update([flagWhen('flag', team), constant('new', 'string', 'hi')]);
    const [latest] = await historyOf(application);
    expect(latest).toMatchObject({
      id: 2,
      version: 'v2',
      isFirst: false,
      total: 3,
      keys: [
        { key: 'flag', change: 'changed' },
        { key: 'new', change: 'added' },
        { key: 'gone', change: 'removed' },
      ],
    });
    const [flag, added, removed] = await differencesOf(application, 2);
    expect(flag!.lines).toEqual([
      { sign: ' ', text: 'feature_flag of type bool' },
      { sign: ' ', text: 'default:' },
      { sign: '-', text: '  If user.plan is "pro", then true.' },
      { sign: '+', text: '  If user.plan is "team", then true.' },
      { sign: ' ', text: '  Otherwise false.' },
    ]);
    expect(added!.lines.every(({ sign }) => sign === '+')).toBe(true);
    expect(removed!.lines.every(({ sign }) => sign === '-')).toBe(true);
  });

  it('a difference is complete even if a handler reads the changes first', async () => {
    const application = await inspected([constant('a', 'int', 1)], {
      adapter,
      quonfig: { onConfigUpdate: ({ changed }) => void changed.length },
    });
    await application.update([constant('a', 'int', 2)]);
    const [a] = await differencesOf(application, 2);
    expect(a!.lines.map(({ sign }) => sign)).toEqual([' ', ' ', '-', '+']);
  });

  it('updates and states arrive over the event stream', async () => {
    const application = await inspected([constant('a', 'int', 1)], { adapter });
    const events = await eventsOf(application);
    await application.update([constant('a', 'int', 2)]);
    await vi.waitFor(() => {
      const update = events.find((event) => event.startsWith('event: update'));
      const [, data] = update!.split('\ndata: ');
      expect(JSON.parse(data!)).toMatchObject({ id: 2, keys: [{ key: 'a', change: 'changed' }] });
      expect(events.some((event) => event.startsWith('event: health'))).toBe(true);
    });
  });

  it('an open event stream does not keep the application from closing', async () => {
    const application = await inspected([constant('a', 'int', 1)], { adapter });
    const events = await eventsOf(application);
    await application.app.close();
    await vi.waitFor(() => expect(events.at(-1)).toBe('end'));
  });
});

describe('the size of the history', () => {
  it('the last 50 updates are kept', async () => {
    const application = await inspected([constant('a', 'int', 0)]);
    for (let number = 1; number <= 55; number++) {
      await application.update([constant('a', 'int', number)]);
    }
    const entries = await historyOf(application);
    expect(entries.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, i) => 56 - i));
    expect(await differencesOf(application, 1)).toEqual([]);
    expect(await differencesOf(application, 56)).toHaveLength(1);
  });

  it('the history keeps the configs of 100 keys of an update, and counts all keys', async () => {
    const many = (stored: number) =>
      Array.from({ length: 150 }, (_, index) => constant(`k${index}`, 'int', stored));
    const application = await inspected(many(1));
    await application.update(many(2));
    const [latest] = await historyOf(application);
    expect(latest!.total).toBe(150);
    expect(latest!.keys).toHaveLength(100);
  });
});
