import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import { DatadirWatcher } from '../../lib/sources/datadir/datadir-watcher.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig, type Workspace } from '../support/workspace.js';
import { until } from '../support/networked.js';

/** A workspace and a service that watches it; both end with the test. */
async function watched(
  more: Partial<QuonfigModuleOptions> = {},
): Promise<{ workspace: Workspace; service: QuonfigService; log: RecordingLogger }> {
  const workspace = createWorkspace();
  onTestFinished(() => workspace.cleanup());
  workspace.writeFile('quonfig.json', '{"environments": ["production"]}');
  workspace.write(stringConfig('greeting', 'hello'));
  const log = new RecordingLogger();
  const service = await QuonfigService.create({
    datadir: workspace.path,
    environment: 'production',
    dataDirAutoReload: true,
    dataDirAutoReloadDebounceMs: 60,
    logger: log,
    ...more,
  });
  onTestFinished(() => service.close());
  return { workspace, service, log };
}

/** The number of inotify watches of this process. */
function inotifyWatches(): number {
  let count = 0;
  for (const descriptor of readdirSync('/proc/self/fdinfo')) {
    try {
      const text = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
      count += text.match(/^inotify wd/gm)?.length ?? 0;
    } catch {
      // The descriptor was closed meanwhile.
    }
  }
  return count;
}

describe('a service that watches its datadir', () => {
  it.skipIf(process.platform !== 'linux')(
    'the service watches no file while it is suspended or after close()',
    async () => {
      const before = inotifyWatches();
      const { service } = await watched();
      await until(() => expect(inotifyWatches()).toBeGreaterThan(before));
      service.suspend();
      await until(() => expect(inotifyWatches()).toBe(before));
      await service.resume();
      await until(() => expect(inotifyWatches()).toBeGreaterThan(before));
      await service.close();
      await until(() => expect(inotifyWatches()).toBe(before));
    },
  );

  it('resume() reads the edits made during the suspension and restarts the watcher', async () => {
    const { workspace, service } = await watched();
    service.suspend();
    workspace.write(stringConfig('greeting', 'bonjour'));
    expect(service.getString('greeting')).toBe('hello');
    await service.resume();
    expect(service.getString('greeting')).toBe('bonjour');
    expect(service.connectionState()).toBe('connected');
    workspace.write(stringConfig('greeting', 'hola'));
    await until(() => expect(service.getString('greeting')).toBe('hola'));
  });

  it('the service can be suspended and resumed in quick succession', async () => {
    const { workspace, service } = await watched();
    for (let round = 0; round < 20; round++) {
      service.suspend();
      void service.resume();
    }
    workspace.write(stringConfig('greeting', 'bonjour'));
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
    workspace.write(stringConfig('greeting', 'hola'));
    await until(() => expect(service.getString('greeting')).toBe('hola'));
  });
});

describe('DatadirWatcher', () => {
  it('the watcher cannot be restarted after close()', async () => {
    const workspace = createWorkspace();
    onTestFinished(() => workspace.cleanup());
    const logger = new RecordingLogger();
    const watcher = new DatadirWatcher({
      datadir: workspace.path,
      dataDirAutoReloadDebounceMs: 60,
      logger,
    });
    let changes = 0;
    const onChange = async (): Promise<void> => void changes++;
    watcher.start(onChange);
    await until(() => expect(changes).toBeGreaterThan(0));
    await watcher.stop();
    expect(watcher.watching).toBe(false);
    watcher.start(onChange);
    await until(() => expect(watcher.watching).toBe(true));
    await watcher.close();
    watcher.start(onChange);
    await watcher.close();
    expect(watcher.watching).toBe(false);
  });
});
