import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { createParts } from '../../lib/client/parts.js';
import { constant, EnvelopeFile } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';

/** A local delivery after its first load; closed when the test ends. */
async function loadedFrom(given: QuonfigModuleOptions) {
  const options = resolveOptions({ logger: new RecordingLogger(), ...given }, {});
  const { delivery, store } = createParts(options);
  onTestFinished(() => delivery.close());
  await delivery.load();
  return { store, delivery };
}

describe('rereading files', () => {
  it('rereading a datadir keeps the unchanged configs of the current snapshot', async () => {
    const workspace = createWorkspace();
    onTestFinished(() => workspace.cleanup());
    workspace.writeFile('quonfig.json', '{"environments": ["production"]}');
    workspace.write(stringConfig('a', '1'));
    workspace.write(stringConfig('b', '1'));
    const { store, delivery } = await loadedFrom({
      datadir: workspace.path,
      environment: 'production',
    });
    const before = store.current!;
    workspace.write(stringConfig('b', '2'));
    await delivery.refresh();
    expect(store.current).not.toBe(before);
    expect(store.current!.stored('a')).toBe(before.stored('a'));
    expect(store.current!.stored('b')).not.toBe(before.stored('b'));
  });

  it('rereading a datafile keeps the unchanged configs of the current snapshot', async () => {
    const file = new EnvelopeFile([constant('a', 'int', 1), constant('b', 'int', 1)]);
    const { store, delivery } = await loadedFrom({ datafile: file.path });
    const before = store.current!;
    const changes: (readonly string[])[] = [];
    store.updates$.subscribe(({ added, changed, removed }) =>
      changes.push(added, changed, removed),
    );
    file.set([constant('b', 'int', 2), constant('a', 'int', 1), constant('c', 'int', 1)]);
    await delivery.refresh();
    expect(store.current!.stored('a')).toBe(before.stored('a'));
    expect(changes).toEqual([['c'], ['b'], []]);
  });
});
