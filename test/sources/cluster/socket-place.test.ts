import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { meetingPlace, pipeName } from '../../../lib/sources/cluster/meeting-place.js';
import { SocketPlace } from '../../../lib/sources/cluster/socket-place.js';
import { SdkKey } from '../../../lib/requests/index.js';
import { asOrdinaryUser } from '../../support/ordinary-user.js';

const isRoot = process.geteuid?.() === 0;
let folder: string;
let directory: string;
let place: SocketPlace;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quonfig-place-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  directory = join(folder, 'own');
  place = new SocketPlace(directory, 'name');
});

function newServer(): Server {
  const server = createServer((socket) => socket.destroy());
  onTestFinished(() => void server.close());
  return server;
}

describe('the path of a socket', () => {
  it('the directory and the socket are accessible only to their user', async () => {
    expect(await place.find()).toBeUndefined();
    const identity = await place.claim(newServer());
    expect(identity).toBe(await place.find());
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(place.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['name']);
  });

  it('when many servers claim the same path at once, exactly one gets it', async () => {
    await place.find();
    const claims = await Promise.all(Array.from({ length: 20 }, () => place.claim(newServer())));
    const identities = claims.filter((identity) => identity !== undefined);
    expect(identities).toEqual([await place.find()]);
    expect(readdirSync(directory)).toEqual(['name']);
  });

  it('a socket is removed only if no other one has taken its place', async () => {
    await place.find();
    const server = newServer();
    const first = (await place.claim(server))!;
    await place.remove('1:2:3');
    expect(await place.find()).toBe(first);
    await place.remove(first);
    expect(await place.find()).toBeUndefined();
    const second = (await place.claim(newServer()))!;
    expect(second).not.toBe(first);
    // Closing the server of a replaced socket must not remove its successor.
    await new Promise((resolve) => void server.close(resolve));
    await place.remove(first);
    expect(await place.find()).toBe(second);
    expect(readdirSync(directory)).toEqual(['name']);
  });

  it('temporary files left behind by killed processes are removed after a minute', async () => {
    await place.find();
    for (const name of ['name.aaaa', 'name.bbbb', 'other.aaaa']) {
      writeFileSync(join(directory, name), '');
    }
    const old = Date.now() / 1_000 - 120;
    utimesSync(join(directory, 'name.aaaa'), old, old);
    utimesSync(join(directory, 'other.aaaa'), old, old);
    await place.claim(newServer());
    expect(readdirSync(directory).sort()).toEqual(['name', 'name.bbbb', 'other.aaaa']);
  });

  it('a directory that is a link is refused, even to one of the same user', async () => {
    mkdirSync(join(folder, 'target'), { mode: 0o700 });
    symlinkSync(join(folder, 'target'), directory);
    await expect(place.find()).rejects.toThrow('is a link, or is not a directory');
    rmSync(directory);
    symlinkSync(join(folder, 'missing'), directory);
    await expect(place.find()).rejects.toThrow('is a link, or is not a directory');
    expect(existsSync(join(folder, 'missing'))).toBe(false);
  });

  it('a directory that is open to others is refused', async () => {
    mkdirSync(directory, { mode: 0o700 });
    for (const mode of [0o755, 0o710, 0o701, 0o770]) {
      chmodSync(directory, mode);
      await expect(place.find()).rejects.toThrow(`its mode is 0${mode.toString(8)}`);
    }
  });

  it.runIf(isRoot)('a directory or a socket of another user is refused', async () => {
    mkdirSync(directory, { mode: 0o700 });
    await place.claim(newServer());
    chownSync(place.path, 12_345, 12_345);
    await expect(place.find()).rejects.toThrow('is not a socket of this user');
    chownSync(directory, 12_345, 12_345);
    await expect(place.find()).rejects.toThrow(
      'belongs to user 12345, and this process runs as user 0',
    );
  });

  it('anything but a socket at the path is refused, even a link to a socket', async () => {
    await place.find();
    writeFileSync(place.path, '');
    await expect(place.find()).rejects.toThrow('is not a socket of this user');
    rmSync(place.path);
    await place.claim(newServer());
    renameSync(place.path, join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), place.path);
    await expect(place.find()).rejects.toThrow('is not a socket of this user');
    // Nor is it replaced.
    expect(await place.claim(newServer())).toBeUndefined();
  });

  it('a directory that cannot be created or written to is refused with the error code', async () => {
    chmodSync(folder, 0o755);
    const message = asOrdinaryUser(() => place.find().catch((error: Error) => error.message));
    if (isRoot) expect(await message).toContain('(EACCES)');
    writeFileSync(join(folder, 'file'), '');
    const inFile = new SocketPlace(join(folder, 'file', 'directory'), 'name');
    await expect(inFile.find()).rejects.toThrow('(ENOTDIR)');
    const long = new SocketPlace(join(folder, 'x'.repeat(100)), 'name');
    await expect(long.find()).rejects.toThrow('too long for the path of a socket');
  });
});

describe('where processes meet', () => {
  const addresses = {
    apiUrls: ['https://primary.example.com'],
    streamUrl: 'https://stream.primary.example.com',
    telemetryUrl: 'https://telemetry.example.com',
  } as const;
  const pathFor = (key: string, more: object = {}): string =>
    meetingPlace({ sdkKey: new SdkKey(key), addresses: { ...addresses, ...more } }, '/run/quonfig')
      .path;

  it.runIf(process.platform === 'linux')(
    'a directory that its parent cannot contain is refused with the error code',
    async () => {
      const elsewhere = new SocketPlace('/proc/quonfig/own', 'name');
      await expect(elsewhere.find()).rejects.toThrow('cannot be used (ENOENT)');
    },
  );

  it('the path depends on the SDK key and the URLs, and does not contain the key', () => {
    const path = pathFor('qf_sk_one');
    expect(path).toMatch(/^\/run\/quonfig\/[0-9a-f]{20}$/);
    expect(pathFor('qf_sk_one')).toBe(path);
    expect(pathFor('qf_sk_two')).not.toBe(path);
    expect(pathFor('qf_sk_one', { streamUrl: 'https://other.example.com' })).not.toBe(path);
    expect(pathFor('qf_sk_one', { apiUrls: ['https://other.example.com'] })).not.toBe(path);
    // Telemetry has no part in it.
    expect(pathFor('qf_sk_one', { telemetryUrl: 'https://other.example.com' })).toBe(path);
  });

  it('by default the path is in a per-user directory', () => {
    const { path } = meetingPlace({ sdkKey: new SdkKey('key'), addresses }, undefined);
    expect(path).toContain(join(tmpdir(), `quonfig-${process.geteuid!()}`));
  });

  it('the name of a named pipe depends on the source and the directory, however the directory is spelled', () => {
    const key = new SdkKey('key');
    const name = pipeName(key, [], 'C:\\Users\\ann');
    expect(name).toMatch(/^quonfig-[0-9a-f]{20}$/);
    expect(pipeName(key, [], 'c:/users/Ann/')).toBe(name);
    expect(pipeName(key, [], 'C:\\Users\\bob')).not.toBe(name);
    expect(pipeName(key, [], 'D:\\Users\\ann')).not.toBe(name);
    expect(pipeName(new SdkKey('other'), [], 'C:\\Users\\ann')).not.toBe(name);
  });
});
