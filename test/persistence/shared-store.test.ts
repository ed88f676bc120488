import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FileStore } from '../../lib/persistence/file-store.js';
import { until } from '../support/networked.js';
import { Saver } from './support/persistence.js';

const NEVER = new Promise<never>(() => undefined);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A store that processes share. It can hold a write back, as a slow network does. */
class SharedStore {
  readonly content = new Map<string, string>();
  /** The write that is held back. */
  held: (() => void) | undefined;
  private holdsNext = false;

  holdNextWrite(): void {
    this.holdsNext = true;
  }

  get(key: string): string | undefined {
    return this.content.get(key);
  }

  async set(key: string, value: string): Promise<void> {
    if (this.holdsNext) {
      this.holdsNext = false;
      await new Promise<void>((resolve) => {
        this.held = resolve;
      });
    }
    this.content.set(key, value);
  }
}

describe('a store that processes share', () => {
  /** Two processes of which the older generation is written last. */
  async function overwritten() {
    const store = new SharedStore();
    const older = new Saver(store);
    const newer = new Saver(store);
    store.holdNextWrite();
    older.save(5);
    await until(() => expect(store.held).toBeDefined());
    newer.save(6);
    await until(() => expect(newer.persistence.counters.writes).toBe(1));
    store.held!();
    await until(() => expect(older.persistence.counters.writes).toBe(1));
    expect(await newer.savedGeneration()).toBe(5);
    return { older, newer };
  }

  it('a newer generation that an older one has overwritten is saved again ten seconds later', async () => {
    const { older, newer } = await overwritten();
    await vi.advanceTimersByTimeAsync(10_000);
    await until(() => expect(newer.persistence.counters.writes).toBe(2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await newer.savedGeneration()).toBe(6);
    expect(older.persistence.counters.writes).toBe(1);
  });

  it('a newer generation that an older one has overwritten is saved again on close', async () => {
    const { newer } = await overwritten();
    await newer.persistence.close();
    expect(await newer.savedGeneration()).toBe(6);
  });

  it('a store that forgets what was saved is not written to again and again', async () => {
    const set = vi.fn();
    const saver = new Saver({ get: () => undefined, set });
    saver.save(1);
    await until(() => expect(saver.persistence.counters.writes).toBe(1));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(set).toHaveBeenCalledOnce();
  });

  it.each([
    [0.5, 1],
    [60_000, 60_000],
    [1e300, Number.MAX_SAFE_INTEGER],
  ])('the time to live for a maxAge of %d ms is an integer', async (maxAge, ttl) => {
    const set = vi.fn();
    const saver = new Saver({ get: () => undefined, set }, { maxAge });
    saver.save(1);
    await saver.persistence.close();
    expect(set).toHaveBeenCalledWith('key', expect.any(String), ttl);
  });
});

describe('a file that processes share', () => {
  it('configs that a process could not save, because a killed one had a newer generation, are saved later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quonfig-shared-file-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'saved');
    await new FileStore(path, 1e6, 'key').stage('left', 9);
    const [left] = readdirSync(folder) as [string];
    const stage = vi.spyOn(FileStore.prototype, 'stage');
    onTestFinished(() => stage.mockRestore());
    const saver = new Saver(path);
    saver.save(5);
    await until(() => expect(stage).toHaveResolvedWith(undefined));
    const minuteAgo = Date.now() / 1_000 - 60;
    utimesSync(join(folder, left), minuteAgo, minuteAgo);
    await vi.advanceTimersByTimeAsync(10_000);
    await until(() => expect(saver.persistence.counters.writes).toBe(1));
    expect(await saver.savedGeneration()).toBe(5);
    expect(readdirSync(folder)).toEqual(['saved']);
  });
});

describe('a store that hangs', () => {
  it('a store that hangs is given two seconds to read and to save, and the shutdown does not wait longer', async () => {
    const reading = new Saver({ get: () => NEVER, set: () => NEVER });
    const read = reading.persistence.read();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await read).toBeUndefined();
    expect(reading.log.text).toContain('did not respond within 2000 ms');
    const writing = new Saver({ get: () => undefined, set: () => NEVER });
    writing.save(1);
    const closed = writing.persistence.close();
    const wait = until(() => expect(writing.persistence.counters.failedWrites).toBe(1));
    await vi.advanceTimersByTimeAsync(2_000);
    await wait;
    await closed;
  });

  it('a store that hangs receives no further call until it responds, so that calls do not pile up', async () => {
    let respond: ((value: undefined) => void) | undefined;
    const get = vi.fn(() => new Promise<undefined>((resolve) => (respond = resolve)));
    const set = vi.fn();
    const saver = new Saver({ get, set });
    const read = saver.persistence.read();
    await vi.advanceTimersByTimeAsync(2_000);
    await read;
    for (const generation of [1, 2, 3]) {
      saver.save(generation);
      await vi.advanceTimersByTimeAsync(10_000);
      await until(() => expect(saver.persistence.counters.failedWrites).toBe(generation));
    }
    expect(get).toHaveBeenCalledOnce();
    expect(set).not.toHaveBeenCalled();
    expect(saver.log.lines('warn').join()).toContain('has not responded to an earlier call yet');
    respond!(undefined);
    get.mockResolvedValue(undefined);
    saver.save(4);
    await vi.advanceTimersByTimeAsync(10_000);
    await until(() => expect(saver.persistence.counters.writes).toBe(1));
    expect(saver.log.text).toContain('are saved to the store again');
  });
});
