import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FileStore } from '../../lib/persistence/file-store.js';
import { Child } from '../support/child-process.js';
import { asOrdinaryUser } from '../support/ordinary-user.js';
import { Saver } from './support/persistence.js';

const WRITER = fileURLToPath(new URL('./support/writer.mjs', import.meta.url));
const STAGER = fileURLToPath(new URL('./support/stager.mjs', import.meta.url));
const SAVER = fileURLToPath(new URL('./support/saver.mjs', import.meta.url));
const MAX_BYTES = 1_000_000;
const KILLS = Number(process.env['QUONFIG_TEST_KILLS'] ?? 10);
const OTHER_USER = 65_534;
const isRoot = process.geteuid?.() === 0;

let folder: string;
let path: string;
let store: FileStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quonfig-file-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'saved');
  store = storeAt(path);
});

const storeAt = (file: string, maxBytes = MAX_BYTES) => new FileStore(file, maxBytes, 'key');

/** Saves as the SDK does when there is nothing newer. */
async function set(content: string, generation = 1, into = store): Promise<void> {
  const staged = await into.stage(content, generation);
  expect(await staged?.commit()).toBe(true);
}

/** Prevents replacing a file until the returned function is called: by opening it, or by a directory without permission. */
function occupy(file: string): () => void {
  if (process.platform === 'win32') {
    const opened = openSync(file, 'r');
    return () => closeSync(opened);
  }
  chmodSync(dirname(file), 0o500);
  return () => chmodSync(dirname(file), 0o700);
}

describe('a file as a store', () => {
  it('a file that does not exist reads as empty; what is set is read back', async () => {
    expect(await store.get()).toBeUndefined();
    await set('first');
    await set('second');
    expect(await store.get()).toBe('second');
    expect(readdirSync(folder)).toEqual(['saved']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('missing directories are created for their owner alone', async () => {
    store = storeAt(join(folder, 'a', 'b', 'saved'));
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
    await expect(storeAt(pipe).get()).rejects.toThrow('not a regular file');
  });

  it('a file that others may write to is refused', async () => {
    writeFileSync(path, 'content');
    chmodSync(path, 0o666);
    await expect(store.get()).rejects.toThrow('users other than its owner may write');
  });

  it.runIf(isRoot)('a file owned by another user is refused', async () => {
    writeFileSync(path, 'content', { mode: 0o600 });
    chownSync(path, OTHER_USER, OTHER_USER);
    await expect(store.get()).rejects.toThrow(`belongs to user ${OTHER_USER}`);
    await expect(set('content')).rejects.toThrow(`belongs to user ${OTHER_USER}`);
    expect(readFileSync(path, 'utf8')).toBe('content');
  });

  it.runIf(isRoot)(
    'a directory owned by another user, who could replace the file, is refused',
    async () => {
      await set('content');
      chownSync(folder, OTHER_USER, OTHER_USER);
      await expect(store.get()).rejects.toThrow(
        `its directory, or a link in its place, belongs to user ${OTHER_USER}`,
      );
      await expect(set('content')).rejects.toThrow(
        `its directory, or a link in its place, belongs to user ${OTHER_USER}`,
      );
      expect(readdirSync(folder)).toEqual(['saved']);
    },
  );

  it.runIf(isRoot)(
    'a link to a directory is refused if another user owns it; a link owned by the user is followed',
    async () => {
      const target = join(folder, 'target');
      const link = join(folder, 'link');
      mkdirSync(target);
      symlinkSync(target, link);
      await set('content', 1, storeAt(join(link, 'saved')));
      expect(await storeAt(join(target, 'saved')).get()).toBe('content');
      lchownSync(link, OTHER_USER, OTHER_USER);
      await expect(storeAt(join(link, 'saved')).get()).rejects.toThrow(
        `a link in its place, belongs to user ${OTHER_USER}`,
      );
      await expect(set('new', 2, storeAt(join(link, 'saved')))).rejects.toThrow(
        `a link in its place, belongs to user ${OTHER_USER}`,
      );
      expect(readFileSync(join(target, 'saved'), 'utf8')).toBe('content');
    },
  );

  it('a link placed between the check and the replacement is replaced, and its target stays as it was', async () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'untouched', { mode: 0o600 });
    const staged = await store.stage('content', 1);
    symlinkSync(target, path);
    expect(await staged!.commit()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('untouched');
    expect(await store.get()).toBe('content');
  });

  it('the name of a file may be as long as the file system allows', async () => {
    store = storeAt(join(folder, 'ü'.repeat(127) + 'x'));
    await set('content');
    expect(await store.get()).toBe('content');
  });

  it.runIf(process.platform !== 'win32')('a device is refused', async () => {
    await expect(storeAt('/dev/null').get()).rejects.toThrow('not a regular file');
  });

  it('saving fails if the parent of the file is not a directory', async () => {
    writeFileSync(path, 'a file');
    const below = storeAt(join(path, 'saved'));
    await expect(below.get()).rejects.toThrow('ENOTDIR');
    await expect(set('content', 1, below)).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('a file');
  });

  it('missing directories are created for their user alone', async () => {
    const below = storeAt(join(folder, 'a/b/saved'));
    await set('content', 1, below);
    expect(await below.get()).toBe('content');
    if (process.platform === 'win32') return;
    for (const created of ['a', 'a/b']) {
      expect(statSync(join(folder, created)).mode & 0o777).toBe(0o700);
    }
  });

  it.runIf(process.platform === 'linux')(
    'a directory inside one that accepts no directories cannot be created, and no thread retries forever',
    async () => {
      await expect(set('content', 1, storeAt('/proc/quonfig/a/saved'))).rejects.toThrow('ENOENT');
    },
  );

  it('a file above the size limit is not read', async () => {
    writeFileSync(path, 'x'.repeat(100), { mode: 0o600 });
    await expect(storeAt(path, 99).get()).rejects.toThrow('larger than 99 bytes');
  });

  it('a file that cannot be replaced for a moment is replaced afterwards', async () => {
    await asOrdinaryUser(async () => {
      const own = mkdtempSync(join(tmpdir(), 'quonfig-file-store-'));
      onTestFinished(() => rmSync(own, { recursive: true, force: true }));
      const file = join(own, 'saved');
      const busy = storeAt(file);
      await set('old', 1, busy);
      const staged = (await busy.stage('new', 2))!;
      const free = occupy(file);
      const committed = staged.commit().catch((error: unknown) => error);
      await setTimeout(30);
      free();
      expect(await committed).toBe(true);
      expect(await busy.get()).toBe('new');
      expect(readdirSync(own)).toEqual(['saved']);
    });
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

  it.each([-60, 60])(
    'a staged file of a newer generation that a killed process left is removed later, even if the clock was moved by %i seconds',
    async (seconds) => {
      await store.stage('left', 9);
      const [left] = readdirSync(folder) as [string];
      expect(await store.stage('content', 1)).toBeUndefined();
      expect(readdirSync(folder)).toEqual([left]);
      const time = Date.now() / 1_000 + seconds;
      utimesSync(join(folder, left), time, time);
      await set('content');
      expect(readdirSync(folder)).toEqual(['saved']);
    },
  );

  it('files with other names, and those of another key, are left alone', async () => {
    await new FileStore(path, MAX_BYTES, 'other key').stage('left', 9);
    await storeAt(join(folder, 'other')).stage('left', 9);
    writeFileSync(join(folder, 'notes.tmp'), '');
    const before = readdirSync(folder);
    await set('content');
    expect(readdirSync(folder).sort()).toEqual([...before, 'saved'].sort());
  });

  it('a directory with the name of a staged file does not prevent saving', async () => {
    await store.stage('left', 1);
    const [left] = readdirSync(folder) as [string];
    rmSync(join(folder, left));
    mkdirSync(join(folder, left));
    await set('content', 2);
    expect(await store.get()).toBe('content');
  });

  it('a writer of an older generation gives up when it finds one of a newer generation', async () => {
    const newer = await store.stage('newer', 2);
    expect(await store.stage('older', 1)).toBeUndefined();
    expect(await newer!.commit()).toBe(true);
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it.runIf(isRoot)(
    'staged files owned by another user neither prevent saving nor are removed',
    async () => {
      const newer = await store.stage('newer', 9);
      const [name = ''] = readdirSync(folder);
      const older = name.replace('-9-', '-0-');
      writeFileSync(join(folder, older), '');
      for (const file of [name, older]) chownSync(join(folder, file), OTHER_USER, OTHER_USER);
      await set('content', 1);
      expect(await store.get()).toBe('content');
      expect(readdirSync(folder).sort()).toEqual([older, name, 'saved'].sort());
      await newer!.discard();
    },
  );

  it('a writer of an older generation that is interrupted by one of a newer generation replaces nothing', async () => {
    const older = await store.stage('older', 1);
    await set('newer', 2);
    expect(await older!.commit()).toBe(false);
    expect(await store.get()).toBe('newer');
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it('of two processes, the newer generation stays, whichever of them saves last', async () => {
    const [older, newer] = ['1', '2'].map((generation) =>
      Child.node([STAGER, path, generation], { messages: true }),
    ) as [Child, Child];
    expect(await Promise.all([older.receive(), newer.receive()])).toEqual(['staged', 'staged']);
    expect(await newer.ask({})).toBe(true);
    expect([false, 'outranked']).toContain(await older.ask({}));
    expect(await store.get()).toBe('generation 2');
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it('writers of the same generation do not get in the way of each other', async () => {
    const first = await store.stage('first', 1);
    await set('second', 1);
    expect(await first!.commit()).toBe(true);
    expect(await store.get()).toBe('first');
  });

  it(
    'the generation of a file never decreases, however many processes write to it',
    { timeout: 60_000 },
    async () => {
      const savers = [1, 2, 3, 4].map((first) => {
        const generations = Array.from({ length: 100 }, (_, index) => String(first + 4 * index));
        return Child.node([SAVER, path, ...generations]);
      });
      const running = new Set(savers);
      for (const saver of savers) void saver.ended.then(() => running.delete(saver));
      let highest = 0;
      const generationNow = (): number => {
        if (!existsSync(path)) return 0;
        const [header] = readFileSync(path, 'utf8').split('\n') as [string];
        return (JSON.parse(header) as { generation: number }).generation;
      };
      while (running.size > 0) {
        const generation = generationNow();
        expect(generation).toBeGreaterThanOrEqual(highest);
        highest = generation;
        await setImmediate();
      }
      for (const { ended } of savers) expect(await ended).toMatchObject({ code: 0 });
      expect(generationNow()).toBe(400);
      expect(readdirSync(folder)).toEqual(['saved']);
    },
  );

  it(
    `after each of ${KILLS} kills at random moments, the file is complete`,
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

  it(
    `after each of ${KILLS} kills of one of two processes, the saved file is complete and not older than before`,
    { timeout: 120_000 + KILLS * 2_000 },
    async () => {
      let highest = 0;
      const check = async (): Promise<void> => {
        const saver = new Saver(path);
        const generation = (await saver.savedGeneration()) ?? 0;
        expect(saver.log.lines()).toEqual([]);
        expect(generation).toBeGreaterThanOrEqual(highest);
        highest = generation;
      };
      for (let kill = 0; kill < KILLS; kill++) {
        const generations = Array.from({ length: 30 }, (_, index) => kill * 10 + index + 1);
        const [killed, other] = [1, 2].map((first) =>
          Child.node([SAVER, path, ...generations.filter((g) => g % 2 === first % 2).map(String)]),
        ) as [Child, Child];
        await setTimeout(50 + Math.random() * 150);
        killed.kill('SIGKILL');
        await killed.ended;
        await check();
        expect(await other.ended).toMatchObject({ code: 0 });
        await check();
      }
      expect(highest).toBeGreaterThan(0);
    },
  );
});
