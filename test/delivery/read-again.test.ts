import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { createParts } from '../../lib/client/parts.js';
import { constant, EnvelopeFile } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';

/** A delivery of files that has loaded them; it ends with the test. */
async function delivered(given: QuonfigModuleOptions) {
  const options = resolveOptions({ logger: new RecordingLogger(), ...given }, {});
  const { delivery, store } = createParts(options);
  onTestFinished(() => delivery.close());
  await delivery.load();
  return { store, delivery };
}

describe('Files that are read again keep what is the same', () => {
  it('of a directory', async () => {
    const workspace = createWorkspace();
    onTestFinished(() => workspace.cleanup());
    workspace.writeFile('quonfig.json', '{"environments": ["production"]}');
    workspace.write(stringConfig('a', '1'));
    workspace.write(stringConfig('b', '1'));
    const { store, delivery } = await delivered({
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

  it('of an envelope', async () => {
    const file = new EnvelopeFile([constant('a', 'int', 1), constant('b', 'int', 1)]);
    const { store, delivery } = await delivered({ datafile: file.path });
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
