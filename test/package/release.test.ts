import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const source = 'lib/delivery/sdk-version.ts';
const files = ['package.json', 'package-lock.json', source, 'CHANGELOG.md'];
const changelog = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Flags.\n\n## [0.1.0]\n';

let project: string;

/** A separate repository with a version, a changelog and the script. */
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'quonfig-release-'));
  await cp(join(root, 'scripts/release.mjs'), join(project, 'scripts/release.mjs'));
  await writeFile(join(project, 'package.json'), '{ "name": "x", "version": "0.1.0" }\n');
  await writeFile(
    join(project, 'package-lock.json'),
    '{ "name": "x", "version": "0.1.0", "packages": { "": { "version": "0.1.0" } } }\n',
  );
  await mkdir(join(project, 'lib/delivery'), { recursive: true });
  await writeFile(join(project, source), "export const PACKAGE_VERSION = '0.1.0';\n");
  await writeFile(join(project, 'CHANGELOG.md'), changelog);
  await git('init', '--quiet');
  await git('config', 'user.name', 'test');
  await git('config', 'user.email', 'test@localhost');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'start');
});

afterEach(() => rm(project, { recursive: true, force: true }));

const git = async (...args: string[]): Promise<string> =>
  (await run('git', args, { cwd: project })).stdout.trim();

const release = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [join(project, 'scripts/release.mjs'), ...args])).stdout;

const text = (file: string): Promise<string> => readFile(join(project, file), 'utf8');

describe('scripts/release.mjs', () => {
  it('a dry run of a release prints the plan and changes nothing', async () => {
    const before = await Promise.all(files.map(text));
    const printed = await release('0.2.0', '--dry-run');
    expect(printed).toContain('Would release 0.2.0 (now 0.1.0)');
    expect(printed).toContain('npm publish --provenance');
    expect(await Promise.all(files.map(text))).toEqual(before);
    expect(await git('tag')).toBe('');
  });

  it('a release sets the version everywhere, dates the changelog, commits and tags', async () => {
    await release('0.2.0');
    expect(JSON.parse(await text('package.json'))).toMatchObject({ version: '0.2.0' });
    expect(JSON.parse(await text('package-lock.json'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' } },
    });
    expect(await text(source)).toContain("'0.2.0'");
    expect(await text('CHANGELOG.md')).toMatch(
      /## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- Flags\./,
    );
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('tag')).toBe('v0.2.0');
    expect(await git('log', '-1', '--format=%s')).toBe('chore: release 0.2.0');
  });

  it.each([
    ['an older version', ['0.0.9'], /not newer/],
    ['the current version', ['0.1.0'], /not newer/],
    ['a missing version', [], /Usage/],
    ['a malformed version', ['next'], /Usage/],
  ])('the release script rejects %s', async (_, args, message) => {
    await expect(release(...args)).rejects.toThrow(message);
  });

  it('the release script rejects an empty changelog section', async () => {
    await writeFile(
      join(project, 'CHANGELOG.md'),
      '# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n',
    );
    await expect(release('0.2.0')).rejects.toThrow('nothing to release');
  });

  it('the release script rejects uncommitted changes', async () => {
    await writeFile(join(project, 'new.txt'), '');
    await expect(release('0.2.0')).rejects.toThrow('Commit or stash');
  });
});
