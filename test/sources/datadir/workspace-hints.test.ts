import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { layoutFindings } from '../../../lib/sources/datadir/workspace-hints.js';
import {
  directoryMisnamed,
  noConfigFiles,
} from '../../../lib/sources/datadir/workspace-hints.messages.js';
import { CONFIG_DIRECTORIES } from '../../../lib/sources/datadir/workspace-layout.js';
import { createWorkspace, stringConfig } from '../../support/workspace.js';

function workspace() {
  const made = createWorkspace({ configs: [stringConfig('a', '1')] });
  onTestFinished(() => made.cleanup());
  return made;
}

describe('findings about the layout of a workspace', () => {
  it.each([
    ['config', 'configs'],
    ['Config', 'configs'],
    ['flags', 'feature-flags'],
    ['feature_flags', 'feature-flags'],
    ['featureFlags', 'feature-flags'],
    ['segment', 'segments'],
    ['log-level', 'log-levels'],
    ['LogLevels', 'log-levels'],
  ])('the directory %s is reported as probably meant to be %s', async (name, meant) => {
    const made = workspace();
    made.writeFile(`${name}/b.json`, '{}');

    expect(await layoutFindings(made.path, false)).toEqual([
      directoryMisnamed(join(made.path, name), meant),
    ]);
  });

  it('other directories and files are not reported', async () => {
    const made = workspace();
    for (const name of ['schemas', 'schemas-protected', '.git', 'docs', ...CONFIG_DIRECTORIES]) {
      made.writeFile(`${name}/b.json`, '{}');
    }
    made.writeFile('config', '');

    expect(await layoutFindings(made.path, false)).toEqual([]);
  });

  it('a config directory that is a link is not reported', async () => {
    const made = workspace();
    made.writeFile('elsewhere/b.json', '{}');
    symlinkSync('elsewhere', join(made.path, 'segments'));

    expect(await layoutFindings(made.path, false)).toEqual([]);
  });

  it('a workspace without configs is reported with the directories that are read', async () => {
    const made = workspace();

    expect(await layoutFindings(made.path, true)).toEqual([
      noConfigFiles(made.path, CONFIG_DIRECTORIES),
    ]);
  });
});
