import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPartOfWorkspace } from '../../../lib/sources/datadir/workspace-layout.js';

describe('isPartOfWorkspace', () => {
  const datadir = join('/', 'srv', 'workspace');

  it.each([
    '',
    'quonfig.json',
    'configs',
    'feature-flags',
    'segments',
    'log-levels',
    'configs/a.json',
    'log-levels/log-level.a.json',
  ])('"%s" is part of the workspace', (path) => {
    expect(isPartOfWorkspace(datadir, join(datadir, path))).toBe(true);
  });

  it.each([
    '..',
    '../configs/a.json',
    '.git',
    'node_modules',
    'package.json',
    'schemas',
    'schemas/a.json',
    '..data',
    'configs/.a.json.swp',
    'configs/.a.json',
    'configs/a.json~',
    'configs/4913',
    'configs/deep/a.json',
  ])('"%s" is not part of the workspace', (path) => {
    expect(isPartOfWorkspace(datadir, join(datadir, path))).toBe(false);
  });
});
