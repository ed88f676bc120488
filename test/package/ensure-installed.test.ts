import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Child } from '../support/child-process.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const notice = /npm ci/;

let template: string;
let project: string;

/** A project whose dependencies are local folders, so npm needs no network. */
beforeAll(async () => {
  project = template = await mkdtemp(join(tmpdir(), 'quonfig-install-'));
  await cp(join(root, 'scripts'), join(project, 'scripts'), {
    recursive: true,
    filter: (file) => !file.endsWith('node_modules'),
  });
  await packageIn('needed', { name: 'needed', version: '1.0.0' });
  await packageIn('tool', { name: 'tool', version: '1.0.0' });
  await packageIn('', {
    name: 'project',
    version: '1.0.0',
    dependencies: { needed: 'file:./needed' },
    devDependencies: { tool: 'file:./tool' },
  });
  await lock();
});

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'quonfig-install-'));
  await cp(template, project, { recursive: true });
});

afterEach(() => rm(project, { recursive: true, force: true }));
afterAll(() => rm(template, { recursive: true, force: true }));

async function packageIn(folder: string, manifest: object): Promise<void> {
  await mkdir(join(project, folder), { recursive: true });
  await writeFile(join(project, folder, 'package.json'), JSON.stringify(manifest));
}

async function lock(): Promise<void> {
  await run('npm', ['install', '--package-lock-only', '--offline', '--no-audit'], { cwd: project });
}

async function ensureInstalled(env: Record<string, string> = {}): Promise<string> {
  const script = join(project, 'scripts', 'ensure-installed.mjs');
  const { stdout, stderr } = await run(process.execPath, [script], {
    cwd: tmpdir(),
    env: { ...process.env, npm_config_offline: 'true', ...env },
  });
  expect(stdout).toBe('');
  return stderr;
}

/** A process that holds the lock of the project until it is killed. */
async function holdLock(): Promise<Child> {
  const holder = join(project, 'hold.mjs');
  const source = `import { withLock } from './scripts/lock.mjs';
    setInterval(() => {}, 1000);
    await withLock(${JSON.stringify(project)}, 'install', () => {
      console.log('held');
      return new Promise(() => {});
    });`;
  await writeFile(holder, source);
  const child = Child.node([holder]);
  await child.printed(/held/);
  return child;
}

const has = (name: string): boolean =>
  existsSync(join(project, 'node_modules', name, 'package.json'));

describe('ensure-installed', () => {
  it('ensure-installed installs the dependencies of a fresh clone and prints one line', async () => {
    expect(await ensureInstalled()).toMatch(notice);
    expect(has('needed')).toBe(true);
    expect(has('tool')).toBe(true);
  });

  it('ensure-installed does nothing and prints nothing when everything is installed', async () => {
    await ensureInstalled();
    const marker = join(project, 'node_modules', 'marker');
    await writeFile(marker, '');
    expect(await ensureInstalled()).toBe('');
    expect(existsSync(marker)).toBe(true);
  });

  it('ensure-installed installs development packages regardless of NODE_ENV and omit', async () => {
    await ensureInstalled({ NODE_ENV: 'production', npm_config_omit: 'dev' });
    expect(has('tool')).toBe(true);
  });

  it('ensure-installed completes an installation that lacks the development packages', async () => {
    await run('npm', ['ci', '--omit=dev', '--offline'], { cwd: project });
    expect(has('tool')).toBe(false);
    expect(await ensureInstalled()).toMatch(notice);
    expect(has('tool')).toBe(true);
  });

  it('ensure-installed reinstalls when the lock file changes', async () => {
    await ensureInstalled();
    await packageIn('another', { name: 'another', version: '1.0.0' });
    await packageIn('', {
      name: 'project',
      version: '1.0.0',
      dependencies: { needed: 'file:./needed', another: 'file:./another' },
    });
    await lock();
    expect(await ensureInstalled()).toMatch(notice);
    expect(has('another')).toBe(true);
  });

  it('ensure-installed reinstalls when an installed package was deleted', async () => {
    await ensureInstalled();
    await rm(join(project, 'node_modules', 'needed'), { recursive: true });
    expect(await ensureInstalled()).toMatch(notice);
    expect(has('needed')).toBe(true);
  });

  it('ensure-installed installs once when several commands start together', async () => {
    const outputs = await Promise.all([1, 2, 3].map(() => ensureInstalled()));
    expect(outputs.filter((text) => notice.test(text))).toHaveLength(1);
    expect(has('needed') && has('tool')).toBe(true);
  });

  it('ensure-installed recovers from an installation that was killed midway', async () => {
    const child = await holdLock();
    child.kill('SIGKILL');
    await child.ended;
    expect(await ensureInstalled()).toMatch(notice);
    expect(has('needed')).toBe(true);
  });

  it('ensure-installed says which process it waits for, and which file to delete if that is an unrelated process', async () => {
    const holder = await holdLock();
    const waiting = Child.node([join(project, 'scripts', 'ensure-installed.mjs')], {
      env: { npm_config_offline: 'true' },
    });
    await waiting.printed(/Waiting for process \d+, .*delete .*nestjs-quonfig-install-/);
    holder.kill('SIGKILL');
    expect((await waiting.ended).code).toBe(0);
    expect(has('needed')).toBe(true);
  });

  it('ensure-installed prints a remedy when npm fails', async () => {
    const lockFile = join(project, 'package-lock.json');
    const broken = (await readFile(lockFile, 'utf8')).replaceAll('"tool"', '"absent"');
    await writeFile(lockFile, broken);
    await expect(ensureInstalled()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Run `npm ci` to see why/) as string,
    });
  });
});
