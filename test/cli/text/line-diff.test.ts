import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unifiedDiff } from '../../../cli/text/line-diff.js';
import { temporaryDirectory } from '../../support/workspace.js';

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

/** Applies a diff with git, as a reader of the output would. */
function patched(before: string, diff: readonly string[]): string {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'file'), before);
  const patch = ['--- a/file', '+++ b/file', ...diff, ''].join('\n');
  const { status, stderr } = spawnSync('git', ['apply', '--unidiff-zero', '-'], {
    cwd: directory,
    input: patch,
    encoding: 'utf8',
    env: { ...process.env, GIT_CEILING_DIRECTORIES: directory },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return spawnSync('cat', [join(directory, 'file')], { encoding: 'utf8' }).stdout;
}

describe('the unified diff of two strings', () => {
  it('equal strings have no differences', () => {
    expect(unifiedDiff('a\nb\n', 'a\nb\n')).toEqual([]);
  });

  it('a changed line is shown with three lines of context', () => {
    const before = lines('1', '2', '3', '4', '5', '6', '7', '8', '9');
    const after = lines('1', '2', '3', '4', 'five', '6', '7', '8', '9');
    expect(unifiedDiff(before, after)).toEqual([
      '@@ -2,7 +2,7 @@',
      ' 2',
      ' 3',
      ' 4',
      '-5',
      '+five',
      ' 6',
      ' 7',
      ' 8',
    ]);
  });

  it('a new file only adds lines', () => {
    expect(unifiedDiff('', lines('a', 'b'))).toEqual(['@@ -0,0 +1,2 @@', '+a', '+b']);
  });

  it('git applies the diff of any two strings', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 25; round++) {
      const before = Array.from({ length: 30 }, () => `line ${random(8)}`);
      const after = before.flatMap((line) =>
        random(5) === 0 ? [] : random(5) === 0 ? [`new ${random(9)}`, line] : [line],
      );
      const diff = unifiedDiff(lines(...before), lines(...after));
      if (diff.length > 0) expect(patched(lines(...before), diff)).toBe(lines(...after));
    }
  });

  it('strings with thousands of differences are shown as replaced', () => {
    const before = Array.from({ length: 3_000 }, (_, index) => `old ${index}`);
    const after = Array.from({ length: 3_000 }, (_, index) => `new ${index}`);
    const diff = unifiedDiff(lines(...before), lines(...after));
    expect(diff).toHaveLength(6_001);
    expect(diff[0]).toBe('@@ -1,3000 +1,3000 @@');
  });
});
