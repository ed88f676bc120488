import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.js';
import { createWorkspace, flag, stringConfig, type Workspace } from '../support/workspace.js';
import { BUILT_COMMAND, runHere } from './command-line.js';

let workspace: Workspace;
beforeAll(() => {
  workspace = createWorkspace({
    environments: ['staging', 'production'],
    configs: [flag('shop.open', true), flag('shop.sale', true), stringConfig('title', 'Hi')],
  });
  mkdirSync(join(workspace.path, 'bin'));
  symlinkSync(BUILT_COMMAND, join(workspace.path, 'bin/nestjs-quonfig'));
});
afterAll(() => workspace.cleanup());

/** What the shell is told for these words; the last one is being typed. */
async function suggested(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runHere(['__complete', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
}

describe('what nestjs-quonfig suggests to a shell', () => {
  it('the shell gets every command, with its description', async () => {
    expect(await suggested('')).toEqual(COMMANDS.map(({ name, summary }) => `${name}\t${summary}`));
    expect(await suggested('help', 'ver')).toEqual(['verify\tchecks every file of a workspace']);
  });

  it('the shell gets the options of the command that have not been given', async () => {
    const options = await suggested('verify', '--strict', '--');
    expect(options).toContain('--json\tshort for --format json');
    expect(options.join()).not.toContain('--strict\t');
    const repeatable = await suggested('unused', '--src', 'src', '--s');
    expect(repeatable.join()).toContain('--src\t');
  });

  it('the shell gets the accepted values of an option, and directories and files for paths', async () => {
    expect(await suggested('verify', '--format', 's')).toEqual(['sarif']);
    expect(await suggested('verify', '--datadir', '')).toEqual([':directories']);
    expect(await suggested('init', '--module', 'src/')).toEqual([':files']);
    expect(await suggested('serve', '--port', '')).toEqual([]);
  });

  it('the shell gets the keys and environments of the workspace', async () => {
    const datadir = ['--datadir', workspace.path];
    expect(await suggested('explain', ...datadir, 'shop.')).toEqual(['shop.open', 'shop.sale']);
    expect(await suggested('explain', 'title', ...datadir, '')).toEqual([]);
    expect(await suggested('explain', ...datadir, '--environment', 'p')).toEqual(['production']);
    expect(await suggested('encrypt', ...datadir, '--decrypt-with', 't')).toEqual(['title']);
    expect(await suggested('diff', ...datadir, 'staging', '')).toEqual(['staging', 'production']);
  });

  it('the shell gets nothing where there is nothing to suggest', async () => {
    expect(await suggested('explain', '--datadir', '/nowhere', '')).toEqual([]);
    expect(await suggested('unknown', '')).toEqual([]);
    expect(await suggested('keygen', '')).toEqual([]);
  });
});

/** Scripts that press Tab in a shell, with the suggestions of one line in its output. */
const SHELLS: Readonly<Record<string, (words: readonly string[]) => string>> = {
  bash: (words) => `source <(nestjs-quonfig completion bash)
    COMP_WORDS=(nestjs-quonfig ${quoted(words)}); COMP_CWORD=${words.length}
    _nestjs_quonfig; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // Without a terminal, zsh has no completion; these are what the script uses of it.
  zsh: (words) => `compdef() { registered=$2 }; _describe() { print -l -- \${\${(P)2}%%:*} }
    source <(nestjs-quonfig completion zsh)
    [[ $registered = nestjs-quonfig ]] || exit 1
    words=(nestjs-quonfig ${quoted(words)}); CURRENT=${words.length + 1}; _nestjs_quonfig`,
  fish: (words) => `nestjs-quonfig completion fish | source
    complete --do-complete 'nestjs-quonfig ${words.join(' ')}' | string replace --regex '\\t.*' ''; exit 0`,
};

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

describe.each(Object.keys(SHELLS))('the completion of nestjs-quonfig in %s', (shell) => {
  const isMissing = spawnSync(shell, ['--version']).error !== undefined;
  const complete = (...words: string[]): string[] => {
    const { status, stdout, stderr } = spawnSync(shell, ['-c', SHELLS[shell]!(words)], {
      cwd: workspace.path,
      encoding: 'utf8',
      env: {
        PATH: `${join(workspace.path, 'bin')}:${process.env['PATH']}`,
        HOME: workspace.path,
        QUONFIG_DIR: workspace.path,
      },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').slice(0, -1).sort();
  };

  it.skipIf(isMissing)('the completion script completes commands, option values and keys', () => {
    expect(complete('ver')).toEqual(['verify']);
    expect(complete('verify', '--format', 'js')).toEqual(['json']);
    expect(complete('explain', 'shop.')).toEqual(['shop.open', 'shop.sale']);
  });
});

describe('nestjs-quonfig completion', () => {
  it('completion names the shells that it has scripts for', async () => {
    const { code, stderr } = await runHere(['completion', 'fishy']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/Did you mean fish\? The shells are bash, zsh, fish\./);
  });
});
