import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createWorkspace, flag, stringConfig, type Workspace } from '../support/workspace.js';
import { BUILT_COMMAND, runCli } from './command-line.js';

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace({ configs: [flag('shop.open', true)] });
  onTestFinished(() => workspace.cleanup());
});

const cli = (...args: string[]) => runCli(args, { cwd: workspace.path });
const verify = (datadir = '.') => cli('verify', '--datadir', datadir);

describe('files that nestjs-quonfig cannot read as usual', () => {
  it('a byte order mark and Windows line breaks change nothing', async () => {
    const windows = (content: unknown) =>
      `\uFEFF${JSON.stringify(content, null, 2).replaceAll('\n', '\r\n')}\r\n`;
    workspace.writeFile('quonfig.json', windows({ environments: ['production'] }));
    workspace.writeFile('configs/title.json', windows(stringConfig('title', 'Hi')));
    workspace.writeFile('quonfig.config.json', windows({ outputDirectory: 'types' }));
    expect(await verify()).toMatchObject({ code: 0, stderr: 'No problems in 3 files.\n' });
    expect(await cli('explain', 'title', '--datadir', '.')).toMatchObject({ code: 0 });
    expect((await cli('generate', '--datadir', '.')).stderr).toContain('wrote types/');
  });

  it('positions in a file with a byte order mark are those that editors show', async () => {
    const broken = { ...stringConfig('title', 'Hi'), valueType: 'strng' };
    workspace.writeFile(
      'configs/title.json',
      `\uFEFF${JSON.stringify(broken, null, 2).replaceAll('\n', '\r\n')}`,
    );
    const { stdout } = await verify();
    expect(stdout).toContain('configs/title.json:4:16 error "valueType" is "strng"');
    expect(stdout).toContain('> 4 |   "valueType": "strng",\n    |                ^^^^^^^\n');
  });

  it.skipIf(process.platform === 'win32')(
    'cyclic links, dangling links, and links to directories and pipes are findings',
    async () => {
      const configs = join(workspace.path, 'configs');
      mkdirSync(join(configs, 'folder.json'), { recursive: true });
      symlinkSync('circle.json', join(configs, 'circle.json'));
      symlinkSync('missing.json', join(configs, 'nowhere.json'));
      symlinkSync('folder.json', join(configs, 'link.json'));
      execFileSync('mkfifo', [join(workspace.path, 'pipe')]);
      symlinkSync('../pipe', join(configs, 'pipe.json'));
      const { code, stdout } = await verify();
      expect(code).toBe(1);
      expect(stdout).toContain('configs/circle.json error The file cannot be read (ELOOP).');
      expect(stdout).toContain('configs/nowhere.json error The file cannot be read (ENOENT).');
      expect(stdout).toContain('configs/folder.json error Subdirectories are not read.');
      expect(stdout).toContain('configs/link.json error Subdirectories are not read.');
      expect(stdout).toContain('configs/pipe.json error The file is not read.');
      expect((await cli('generate', '--datadir', '.')).stderr).toMatch(
        /circle\.json cannot be read \(ELOOP\)\. Make sure/,
      );
    },
  );

  it('a directory that links to itself is reported in one line', async () => {
    symlinkSync('configs', join(workspace.path, 'configs'));
    const { code, stderr } = await verify();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^nestjs-quonfig verify: configs cannot be read \(ELOOP\)\.[^\n]*\n$/);
  });

  it('documents of many megabytes and very deeply nested ones are checked like any others', async () => {
    const items = Array.from({ length: 400_000 }, (_, index) => `item ${index}`);
    const rules = [{ criteria: [], value: { type: 'json', value: items } }];
    workspace.write({ key: 'large', type: 'config', valueType: 'json', default: { rules } });
    expect(await verify()).toMatchObject({ code: 0, stderr: 'No problems in 3 files.\n' });
    workspace.writeFile('configs/deep.json', '['.repeat(200_000));
    const { code, stdout, stderr } = await verify();
    expect(code).toBe(1);
    expect(stdout).toContain('configs/deep.json:1:');
    expect(stdout).toContain('error This is not valid JSON.');
    expect(stderr).toBe('1 error, 0 warnings in 4 files.\n');
  });

  it('paths with spaces and non-Latin letters are found and shown', async () => {
    const folder = 'my flags/prüfung 日本';
    workspace.writeFile(`${folder}/quonfig.json`, '{"environments": ["one"]}');
    workspace.writeFile(`${folder}/configs/a.json`, '{');
    const { code, stdout } = await verify(folder);
    expect(code).toBe(1);
    expect(stdout).toContain(`${folder}/configs/a.json:1:1 error This is not valid JSON.`);
    const github = await cli('verify', '--datadir', folder, '--format', 'github');
    expect(github.stdout).toContain(`file=${folder}/configs/a.json,line=1`);
    const sarif = await cli('verify', '--datadir', folder, '--format', 'sarif');
    expect(sarif.stdout).toContain(`"uri": "${encodeURI(folder)}/configs/a.json"`);
  });
});

describe('the wrong directory', () => {
  it('for a directory or file inside a workspace, the workspace is suggested', async () => {
    workspace.writeFile('flags/quonfig.json', '{}');
    workspace.writeFile('flags/configs/title.json', '{}');
    for (const path of ['flags/configs', 'flags/configs/title.json', 'flags/missing']) {
      const { code, stderr } = await verify(path);
      expect(code).toBe(2);
      expect(stderr, path).toContain('Did you mean flags?');
    }
    const inside = await runCli(['verify'], { cwd: join(workspace.path, 'flags/configs') });
    expect(inside.stderr).toContain('Did you mean --datadir ..?');
  });
});

describe('the pipes of nestjs-quonfig', () => {
  it('a reader that stops after the first lines does not change the exit code', async () => {
    for (let index = 0; index < 2_000; index++) {
      workspace.writeFile(`configs/key-${index}.json`, '{ "key": "some-other-name" }');
    }
    const child = spawn(process.execPath, [BUILT_COMMAND, 'verify', '--datadir', '.'], {
      cwd: workspace.path,
    });
    child.stdout.once('data', () => child.stdout.destroy());
    child.stderr.destroy();
    const [code] = await new Promise<[number | null]>((resolve) =>
      child.on('close', (status) => resolve([status])),
    );
    expect(code).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('closed input and output cause no error', async () => {
    const main = JSON.stringify(BUILT_COMMAND);
    const run = (redirections: string) =>
      execFileSync(
        'sh',
        ['-c', `node ${main} verify --datadir . ${redirections}; echo "code $?"`],
        {
          cwd: workspace.path,
          encoding: 'utf8',
        },
      );
    expect(run('<&- 2>&-')).toBe('code 0\n');
    expect(run('>&- 2>&-')).toBe('code 0\n');
    writeFileSync(join(workspace.path, 'key.txt'), 'a'.repeat(64));
    expect(
      execFileSync('sh', ['-c', `node ${main} encrypt --key-file key.txt <&- 2>&1`], {
        cwd: workspace.path,
        encoding: 'utf8',
      }),
    ).toMatch(/^[0-9A-F]*--[0-9A-F]+--[0-9A-F]+\n$/i);
  });
});
