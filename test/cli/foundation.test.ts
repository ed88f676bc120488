import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.js';
import { createWorkspace, flag, stringConfig, type Workspace } from '../support/workspace.js';
import { BUILT_COMMAND, runCli, runHere } from './command-line.js';

const SCREEN = { lines: 24, columns: 80 };
const root = join(import.meta.dirname, '../..');

let workspace: Workspace;
beforeAll(() => {
  workspace = createWorkspace({ configs: [flag('shop.open', true), stringConfig('title', 'Hi')] });
});
afterAll(() => workspace.cleanup());

function fitsScreen(text: string): void {
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(SCREEN.lines);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(SCREEN.columns);
}

describe('the help of nestjs-quonfig', () => {
  it('--help lists every command, with an example, on one screen', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`${name} +${summary}`));
    expect(stdout).toContain('npx nestjs-quonfig');
    fitsScreen(stdout);
  });

  it('without a command, the help goes to stderr, and the exit code is 2', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Commands');
  });

  it.each(COMMANDS.map(({ name }) => name))(
    '%s --help explains every option, with an example, on one screen',
    async (name) => {
      const { code, stdout } = await runCli([name, '--help']);
      expect(code).toBe(0);
      const { options } = await COMMANDS.find((row) => row.name === name)!.load();
      for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`);
      expect(stdout).toContain(`npx nestjs-quonfig ${name}`);
      fitsScreen(stdout);
      expect(await runCli(['help', name])).toMatchObject({ code: 0, stdout });
    },
  );

  it('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('misuse of nestjs-quonfig', () => {
  it.each([
    [['verfy'], /no command "verfy"\. Did you mean verify\?/],
    [['help', 'explian'], /Did you mean explain\?/],
    [['verify', '--datadri', 'x'], /unknown option --datadri\. Did you mean --datadir\?/],
    [['verify', '-x'], /unknown option -x\. nestjs-quonfig verify --help lists the options\./],
    [['verify', '--datadir'], /--datadir needs a value: --datadir DIR\./],
    [['verify', '--datadir', '--json'], /--datadir needs a value/],
    [['verify', '--datadir', ''], /--datadir needs a value/],
    [['verify', '--strict=yes'], /--strict takes no value/],
    [
      ['verify', '--format', 'sarfi'],
      /--format accepts text, json, sarif, github\. Did you mean sarif\?/,
    ],
    [['verify', '--json', '--format', 'sarif'], /cannot be combined/],
    [['verify', '--datadir', 'a', '--datadir', 'b'], /--datadir appears more than once/],
    [['verify', 'workspace'], /"workspace" is one argument too many/],
    [['explain'], /an argument is missing\. Usage: nestjs-quonfig explain KEY/],
  ])('%j ends with exit code 2 and one line that names the remedy', async (args, message) => {
    const { code, stdout, stderr } = await runHere(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('the process ends with that exit code, too', async () => {
    expect(await runCli(['verfy'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'nestjs-quonfig: there is no command "verfy". Did you mean verify? nestjs-quonfig --help lists the commands.\n',
    });
  });

  it('control characters in arguments never reach the terminal', async () => {
    const { stderr } = await runHere(['\u001B[31mred']);
    expect(stderr).not.toContain('\u001B');
  });
});

describe('where nestjs-quonfig finds the workspace', () => {
  it('--datadir takes precedence over QUONFIG_DIR', async () => {
    const env = { QUONFIG_DIR: '/nowhere' };
    expect(await runCli(['verify', '--datadir', workspace.path], { env })).toMatchObject({
      code: 0,
    });
    expect(await runCli(['verify'], { env: { QUONFIG_DIR: workspace.path } })).toMatchObject({
      code: 0,
    });
  });

  it.each(['our-config', '.quonfig'])('./%s is used without any of them', async (name) => {
    const home = createWorkspace();
    try {
      home.writeFile(`${name}/quonfig.json`, '{"environments": ["staging"]}');
      const { code, stderr } = await runCli(['verify'], { cwd: home.path });
      expect({ code, stderr }).toEqual({ code: 0, stderr: 'No problems in 1 file.\n' });
    } finally {
      home.cleanup();
    }
  });

  it('a workspace elsewhere is suggested', async () => {
    const home = createWorkspace();
    try {
      home.remove('quonfig.json');
      home.writeFile('flags/quonfig.json', '{"environments": ["staging"]}');
      const { code, stderr } = await runCli(['verify'], { cwd: home.path });
      expect(code).toBe(2);
      expect(stderr).toContain('Did you mean --datadir flags?');
      const wrong = await runCli(['verify', '--datadir', home.path]);
      expect(wrong.stderr).toContain(
        `does not contain quonfig.json, so it is not a workspace. Did you mean ${join(home.path, 'flags')}?`,
      );
    } finally {
      home.cleanup();
    }
  });

  it('a directory that does not exist ends with exit code 2', async () => {
    const { code, stderr } = await runCli(['verify', '--datadir', '/nowhere']);
    expect(code).toBe(2);
    expect(stderr).toContain('/nowhere is not a directory');
  });
});

describe('the output of nestjs-quonfig', () => {
  const explain = (env: Record<string, string>) =>
    runCli(['explain', 'shop.open', '--datadir', workspace.path], { env });

  it('output that does not go to a terminal has no colors', async () => {
    expect((await explain({})).stdout).not.toContain('\u001B');
  });

  it('FORCE_COLOR colors every output, and NO_COLOR takes precedence', async () => {
    expect((await explain({ FORCE_COLOR: '1' })).stdout).toContain('\u001B[32m');
    expect((await explain({ FORCE_COLOR: '0' })).stdout).not.toContain('\u001B');
    expect((await explain({ FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001B');
  });

  it('--quiet prints nothing but the result', async () => {
    expect(await runCli(['verify', '-q', '--datadir', workspace.path])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('a reader that closes the pipe early causes no error', async () => {
    const child = spawn(process.execPath, [BUILT_COMMAND, '--help'], { stdio: 'pipe' });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('');
  });
});
