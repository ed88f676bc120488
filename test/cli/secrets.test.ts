import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, stringConfig, type Workspace } from '../support/workspace.js';
import { runCli } from './command-line.js';

const key = '0123456789abcdef'.repeat(4);
const otherKey = 'f'.repeat(64);
const secret = 'p\u00e4ssword: "x" -- \u{1F511}';

let workspace: Workspace;
const files = { key: '', broken: '' };

beforeAll(() => {
  workspace = createWorkspace({
    environments: ['production', 'staging'],
    configs: [
      {
        ...stringConfig('payments.key', ''),
        default: {
          rules: [
            {
              criteria: [],
              value: {
                type: 'provided',
                value: { source: 'ENV_VAR', lookup: 'PAYMENTS_KEY' },
                confidential: true,
              },
            },
          ],
        },
      },
    ],
  });
  files.key = join(workspace.path, 'key.txt');
  files.broken = join(workspace.path, 'broken.txt');
  workspace.writeFile('key.txt', `${key}\n`);
  workspace.writeFile('broken.txt', key.slice(2));
});
afterAll(() => workspace.cleanup());

describe('nestjs-quonfig keygen', () => {
  it('keygen prints a new key of 64 hex characters on each call', async () => {
    const [first, second] = await Promise.all([runCli(['keygen']), runCli(['keygen'])]);
    expect(first.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(second.stdout).not.toBe(first.stdout);
  });
});

describe('nestjs-quonfig encrypt and decrypt', () => {
  const byVariable = ['--key-env', 'SECRET_KEY'];
  const env = { SECRET_KEY: key };

  it('decrypt prints what encrypt encrypted, with a key from a variable or a file', async () => {
    const { code, stdout } = await runCli(['encrypt', ...byVariable], { env, input: secret });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]+--[0-9a-f]{24}--[0-9a-f]{32}\n$/);
    for (const args of [byVariable, ['--key-file', files.key]]) {
      const decrypted = await runCli(['decrypt', ...args], { env, input: stdout });
      expect(decrypted).toEqual({ code: 0, stdout: `${secret}\n`, stderr: '' });
    }
  });

  it('the line break at the end of the input is not encrypted', async () => {
    const { stdout } = await runCli(['encrypt', ...byVariable], { env, input: 'a\nb\r\n' });
    const decrypted = await runCli(['decrypt', ...byVariable], { env, input: stdout });
    expect(decrypted.stdout).toBe('a\nb\n');
  });

  it('--decrypt-with takes the key from the workspace and prints a value that the SDK decrypts', async () => {
    const place = ['--datadir', workspace.path, '--environment', 'production'];
    const variables = { PAYMENTS_KEY: key };
    const { code, stdout } = await runCli(['encrypt', '--decrypt-with', 'payments.key', ...place], {
      env: variables,
      input: secret,
    });
    expect(code).toBe(0);
    const value = JSON.parse(stdout) as object;
    expect(value).toMatchObject({
      type: 'string',
      confidential: true,
      decryptWith: 'payments.key',
    });
    workspace.write({
      ...stringConfig('payments.token', ''),
      default: { rules: [{ criteria: [], value }] },
    });
    const decrypted = await runCli(['decrypt', 'payments.token', ...place], { env: variables });
    expect(decrypted).toEqual({ code: 0, stdout: `${secret}\n`, stderr: '' });
    const withOther = await runCli(['decrypt', 'payments.token', ...place], {
      env: { PAYMENTS_KEY: otherKey },
    });
    expect(withOther.code).toBe(1);
    expect(withOther.stderr).toContain('authentication failed');
    const explained = await runCli(['explain', 'payments.token', ...place], { env: variables });
    expect(explained.stdout).toMatch(/value {3}"\*{5}[0-9a-f]{5}"/);
  });

  it.each([
    [['encrypt'], 2, /pass the key with --key-env, --key-file or --decrypt-with/],
    [['decrypt'], 2, /pass a key of the workspace/],
    [['decrypt', 'payments.key', '--key-env', 'SECRET_KEY'], 2, /Leave out --key-env/],
    [['encrypt', '--key-env', 'SECRET_KEY', '--key-file', 'x'], 2, /cannot be combined/],
    [['encrypt', '--key-env', 'NOT_SET'], 1, /the variable NOT_SET does not contain a key/],
    [['encrypt', '--key-file', '/nowhere'], 1, /the key file \/nowhere cannot be read \(ENOENT\)/],
    [['encrypt', 'plaintext', '--key-env', 'SECRET_KEY'], 2, /one argument too many/],
    [['decrypt', '--key-env', 'SECRET_KEY'], 1, /DATA--IV--TAG in hex/],
  ])('%j ends with exit code %i and names the remedy', async (args, code, message) => {
    const result = await runCli(args, { env, input: 'no ciphertext' });
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
  });

  it('no error quotes a key, a ciphertext or a plaintext', async () => {
    const { stdout } = await runCli(['encrypt', ...byVariable], { env, input: secret });
    const failures = await Promise.all([
      runCli(['decrypt', '--key-env', 'SECRET_KEY'], {
        env: { SECRET_KEY: otherKey },
        input: stdout,
      }),
      runCli(['decrypt', '--key-file', files.broken], { input: stdout }),
      runCli(['encrypt', '--key-file', files.broken], { input: secret }),
    ]);
    for (const { code, stderr } of failures) {
      expect(code).toBe(1);
      for (const hidden of [otherKey, key.slice(2), stdout.trim(), secret]) {
        expect(stderr).not.toContain(hidden);
      }
    }
  });

  it('a key that the workspace does not have ends with exit code 1', async () => {
    const place = ['--datadir', workspace.path, '--environment', 'production'];
    const { code, stderr } = await runCli(['decrypt', 'payments.tokn', ...place]);
    expect(code).toBe(1);
    expect(stderr).toContain('the workspace has no key "payments.tokn"');
  });
});
