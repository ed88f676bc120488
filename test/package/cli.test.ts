import { chmod, mkdir, symlink } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.js';
import { runCli, type RunOptions } from '../cli/command-line.js';
import { Child } from '../support/child-process.js';
import { Consumer, pack, workspaceFiles } from './consumer.js';

let folder: string;
let consumer: Consumer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-cli-'));
  consumer = await Consumer.create({ ...workspaceFiles, 'package.json': '{ "private": true }' });
  await consumer.link(await pack(folder));
});

afterAll(async () => {
  await consumer.remove();
  await rm(folder, { recursive: true, force: true });
});

const command = (): string => join(consumer.path, 'node_modules/nestjs-quonfig/dist/cli/main.js');
const run = (args: string[], options: RunOptions = {}) =>
  runCli(args, { cwd: consumer.path, command: command(), ...options });
const workspace = ['--datadir', 'workspace'];

describe('the command of the packed package, with only its declared dependencies', () => {
  it('every command loads', async () => {
    for (const { name } of COMMANDS) {
      expect(await run([name, '--help']), name).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('verify finds nothing in a valid workspace, and a mistake in a broken one', async () => {
    expect(await run(['verify', ...workspace])).toMatchObject({ code: 0, stdout: '' });
    await consumer.write({ 'broken/quonfig.json': '{ "environments": ["Production"] }' });
    const { code, stdout } = await run(['verify', '--datadir', 'broken', '--json']);
    expect(code).toBe(1);
    expect(stdout).toContain('"rule": "environment-id"');
  });

  it('verify checks JSON values with the validator that is bundled', async () => {
    const rules = [{ criteria: [], value: { type: 'json', value: { limit: 'ten' } } }];
    await consumer.write({
      'schemas/quonfig.json': '{ "environments": ["production"] }',
      'schemas/schemas/limits.json': '{ "properties": { "limit": { "type": "integer" } } }',
      'schemas/configs/limits.json': JSON.stringify({
        key: 'limits',
        type: 'config',
        valueType: 'json',
        schemaKey: 'limits',
        default: { rules },
      }),
    });
    const { code, stdout } = await run(['verify', '--datadir', 'schemas']);
    expect(code).toBe(1);
    expect(stdout).toContain('must be integer. (schema-mismatch)');
  });

  it('explain shows a value', async () => {
    const context = JSON.stringify({ user: { key: 'anna' } });
    const { code, stdout } = await run(['explain', 'greeting', ...workspace, '--context', context]);
    expect(code).toBe(0);
    expect(stdout).toContain('"Hello Anna"');
  });

  it('encrypt and decrypt use a key from keygen', async () => {
    const { stdout: key } = await run(['keygen']);
    const env = { SECRET_KEY: key.trim() };
    const encrypted = await run(['encrypt', '--key-env', 'SECRET_KEY'], { env, input: 'a secret' });
    const args = ['decrypt', '--key-env', 'SECRET_KEY'];
    const decrypted = await run(args, { env, input: encrypted.stdout });
    expect(decrypted).toEqual({ code: 0, stdout: 'a secret\n', stderr: '' });
  });

  it('serve answers clients', async () => {
    const args = [command(), 'serve', '--port', '0', '--datadir', join(consumer.path, 'workspace')];
    const child = Child.node(args);
    const [, key, url] = await child.printed(/sdkKey: '(.+?)', apiUrls: \['(.+?)'\]/);
    const authorization = `Basic ${Buffer.from(`1:${key}`).toString('base64')}`;
    const response = await fetch(`${url}/api/v2/configs`, { headers: { authorization } });
    expect(await response.json()).toMatchObject({ configs: [{ key: 'greeting' }] });
    child.kill('SIGINT');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  it.skipIf(process.platform === 'win32')('the command runs as an executable', async () => {
    const bin = join(consumer.path, 'node_modules/.bin');
    await mkdir(bin, { recursive: true });
    await symlink(command(), join(bin, 'nestjs-quonfig'));
    // npm does this for each entry of "bin".
    await chmod(command(), 0o755);
    expect(await consumer.run(join(bin, 'nestjs-quonfig'), ['--version'])).toMatch(
      /^\d+\.\d+\.\d+/,
    );
  });
});
