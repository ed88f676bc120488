import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makePrivateDirectory } from '../../lib/model/index.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quonfig-private-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

describe('makePrivateDirectory', () => {
  it('a private directory and its missing parents are accessible only to their owner', async () => {
    await makePrivateDirectory(join(root, 'a', 'b'));
    for (const path of ['a', 'a/b']) {
      expect(statSync(join(root, path)).mode & 0o777).toBe(0o700);
    }
  });

  it('a private directory that exists is left unchanged', async () => {
    const before = statSync(root).mode;
    await makePrivateDirectory(root);
    expect(statSync(root).mode).toBe(before);
  });

  it('a private directory can be created by many callers at once', async () => {
    const path = join(root, 'a', 'b', 'c', 'd');
    await Promise.all(Array.from({ length: 50 }, () => makePrivateDirectory(path)));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it.each([
    ['a file', 'EEXIST', 'file'],
    ['a path below a file', 'ENOTDIR', 'file/below'],
  ])('%s in place of a private directory causes the error %s', async (_, code, path) => {
    writeFileSync(join(root, 'file'), '');
    await expect(makePrivateDirectory(join(root, path))).rejects.toMatchObject({ code });
  });

  it.runIf(process.platform === 'linux')(
    'a private directory below /proc causes an error instead of endless retries',
    async () => {
      await expect(makePrivateDirectory('/proc/quonfig/a')).rejects.toMatchObject({
        code: 'ENOENT',
      });
    },
  );
});
