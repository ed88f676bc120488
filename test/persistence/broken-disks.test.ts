import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { asOrdinaryUser } from '../support/ordinary-user.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quonfig-disk-'));
  onTestFinished(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });
});

const greeting = (generation: number, value: string) =>
  envelopeOf({ generation, values: { greeting: value } });

/** Mounts a small file system. Returns whether this user may. */
function mountSmallDisk(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', path], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync('umount', [path]));
  return true;
}

describe('a disk on which nothing can be saved', () => {
  it('a read-only directory causes one warning and affects nothing else', async () => {
    chmodSync(folder, 0o555);
    const server = await serve({ envelope: greeting(1, 'one') });
    await asOrdinaryUser(async () => {
      const { service, log } = await connectTo(server, {
        persistence: { file: join(folder, 'saved') },
      });
      await until(() => expect(service.metrics().persistence!.failedWrites).toBe(1));
      server.publish(greeting(2, 'two'));
      await until(() => expect(service.getString('greeting')).toBe('two'));
      await service.close();
      expect(service.metrics().persistence).toEqual({ writes: 0, failedWrites: 2, failedReads: 0 });
      expect(log.lines('warn').filter((line) => line.includes('EACCES'))).toHaveLength(1);
    });
  });

  it('a full disk causes one warning, leaves the old configs in place, and is used again when there is room', async (context) => {
    if (!mountSmallDisk(folder)) context.skip('needs the right to mount a file system');
    const file = join(folder, 'saved');
    const server = await serve({ envelope: greeting(1, 'small') });
    const { service } = await connectTo(server, { persistence: { file } });
    await service.close();

    const large = randomBytes(150_000).toString('base64');
    server.publish(greeting(2, large));
    const { service: second, log } = await connectTo(server, { persistence: { file } });
    expect(second.getString('greeting')).toBe(large);
    await until(() => expect(second.metrics().persistence!.failedWrites).toBe(1));
    expect(log.lines('warn').filter((line) => line.includes('ENOSPC'))).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['saved']);
    const { service: cutOff } = await connectTo(
      { url: 'http://127.0.0.1:9' },
      { initTimeout: 300, persistence: { file } },
    );
    expect(cutOff.getString('greeting')).toBe('small');

    server.publish(greeting(3, 'small again'));
    await until(() => expect(second.getString('greeting')).toBe('small again'));
    await second.close();
    expect(second.metrics().persistence).toMatchObject({ writes: 1, failedWrites: 1 });
    expect(log.text).toContain('are saved to');
  });
});
