import { expect, vi } from 'vitest';
import { DatadirLoader } from '../../lib/sources/datadir/datadir-loader.js';
import { DatadirWatcher } from '../../lib/sources/datadir/datadir-watcher.js';
import { RecordingLogger } from './recording-logger.js';
import { unpackedEnvelope } from './unpacked-envelope.js';

const LIMIT = { timeout: 15_000, interval: 20 };

/** A watcher that loads the directory on every change, with a record of the results. */
export class WatchedWorkspace {
  readonly log = new RecordingLogger();
  readonly watcher: DatadirWatcher;
  reloads = 0;
  /** The latest content, as `key: value` of each string config; `undefined` if the last load failed. */
  content: Record<string, unknown> | undefined;
  /** Called at the end of each reload. */
  onReload = (): Promise<void> => Promise.resolve();

  constructor(
    readonly datadir: string,
    dataDirAutoReloadDebounceMs = 60,
  ) {
    this.watcher = new DatadirWatcher({ datadir, dataDirAutoReloadDebounceMs, logger: this.log });
  }

  start(): this {
    this.watcher.start(() => this.reload());
    return this;
  }

  /** Starts, and waits until everything is watched and the reload that this causes is over. */
  async startAndSettle(): Promise<this> {
    this.start();
    await vi.waitFor(() => {
      expect(this.watcher.watching).toBe(true);
      expect(this.reloads).toBeGreaterThan(0);
    }, LIMIT);
    return this;
  }

  /** Waits until a reload has read this content. */
  async loads(content: Record<string, unknown> | undefined): Promise<void> {
    await vi.waitFor(() => expect(this.content).toEqual(content), LIMIT);
  }

  private async reload(): Promise<void> {
    try {
      const { configs } = unpackedEnvelope(
        await new DatadirLoader(this.datadir, 'production').load(),
      );
      this.content = Object.fromEntries(
        configs.map(({ key, default: rules }) => [key, rules?.rules?.[0]?.value.value]),
      );
    } catch {
      this.content = undefined;
    }
    this.reloads++;
    await this.onReload();
  }
}
