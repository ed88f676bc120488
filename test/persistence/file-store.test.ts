import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FileStore } from '../../lib/persistence/index.js';
import { Child } from '../support/child-process.js';

const WRITER = fileURLToPath(new URL('./support/writer.mjs', import.meta.url));
const MAX_BYTES = 1_000_000;
const KILLS = Number(process.env['QUONFIG_TEST_KILLS'] ?? 20);
const isRoot = process.geteuid?.() === 0;

let folder: string;
let path: string;
let store: FileStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quonfig-file-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'saved');
  store = new FileStore(path, MAX_BYTES);
});

const set = (content: string): Promise<void> => store.set('key', content);

describe('a file as a store', () => {
  it('a file that does not exist is empty; what is set is read back', async () => {
    expect(await store.get()).toBeUndefined();
    await set('first');
    await set('second');
    expect(await store.get()).toBe('second');
    expect(readdirSync(folder)).toEqual(['saved']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('missing directories are created for their owner alone', async () => {
    path = join(folder, 'a', 'b', 'saved');
    store = new FileStore(path, MAX_BYTES);
    await set('content');
    expect(statSync(join(folder, 'a', 'b')).mode & 0o777).toBe(0o700);
  });

  it('a symbolic link is neither read nor written through', async () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'untouched', { mode: 0o600 });
    symlinkSync(target, path);
    await expect(store.get()).rejects.toThrow('symbolic link');
    await expect(set('content')).rejects.toThrow('symbolic link');
    expect(readFileSync(target, 'utf8')).toBe('untouched');
  });

  it('a dangling link is not written through', async () => {
    symlinkSync(join(folder, 'nowhere'), path);
    await expect(set('content')).rejects.toThrow('symbolic link');
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it('a directory and a pipe are refused, without waiting', async () => {
    mkdirSync(path);
    await expect(store.get()).rejects.toThrow();
    await expect(set('content')).rejects.toThrow('not a regular file');
    const pipe = join(folder, 'pipe');
    await once(spawn('mkfifo', [pipe]), 'exit');
    await expect(new FileStore(pipe, MAX_BYTES).get()).rejects.toThrow('not a regular file');
  });

  it('a file that others may write to is refused', async () => {
    writeFileSync(path, 'content');
    chmodSync(path, 0o666);
    await expect(store.get()).rejects.toThrow('users other than its owner may write');
  });

  it.runIf(isRoot)('a file of another user is refused', async () => {
    writeFileSync(path, 'content', { mode: 0o600 });
    chownSync(path, 65_534, 65_534);
    await expect(store.get()).rejects.toThrow('belongs to another user');
  });

  it('a file above the limit is not read', async () => {
    writeFileSync(path, 'x'.repeat(100), { mode: 0o600 });
    await expect(new FileStore(path, 99).get()).rejects.toThrow('larger than 99 bytes');
  });

  it('a write that fails leaves the old content and nothing else', async () => {
    const content = '0\n'.repeat(500);
    await set(content);
    // The shell limits the size of files, so the write fails in the middle, as on a full disk.
    const command = 'ulimit -f 10; exec "$0" "$@"';
    const limited = Child.start('sh', ['-c', command, process.execPath, WRITER, path, '100', '1']);
    expect((await limited.ended).code).toBe(1);
    expect(limited.output).toContain('EFBIG');
    expect(await store.get()).toBe(content);
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it('temporary files that killed processes left are removed after an hour', async () => {
    const old = `${path}.0123456789ab.tmp`;
    const young = `${path}.ba9876543210.tmp`;
    const other = `${path}.notes.tmp`;
    for (const name of [old, young, other]) writeFileSync(name, '');
    const hours = Date.now() / 1_000 - 7_200;
    utimesSync(old, hours, hours);
    utimesSync(other, hours, hours);
    await set('content');
    expect(readdirSync(folder).sort()).toEqual(
      ['saved', 'saved.ba9876543210.tmp', 'saved.notes.tmp'].sort(),
    );
  });

  it(
    `after each of ${KILLS} kills at random moments the file is complete`,
    { timeout: 120_000 + KILLS * 1_000 },
    async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        const writer = Child.node([WRITER, path, String(50 + Math.random() * 500)]);
        await writer.printed(/started/);
        await setTimeout(Math.random() * 30);
        writer.kill('SIGKILL');
        await writer.ended;
        const content = await store.get();
        if (content === undefined) continue;
        expect(new Set(content.trim().split('\n')).size).toBe(1);
        expect(content.endsWith('\n')).toBe(true);
      }
      expect(await store.get()).toBeDefined();
    },
  );
});
