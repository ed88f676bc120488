import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorkspace, flag, stringConfig, type Workspace } from '../../support/workspace.js';
import { corpusExists } from '../../support/conformance.js';
import { runCli, runHere } from '../command-line.js';

interface Report {
  files: number;
  errors: number;
  warnings: number;
  findings: {
    rule: string;
    severity: string;
    file: string;
    line?: number;
    column?: number;
    pointer?: string;
    message: string;
  }[];
}

function workspaceWith(files: Record<string, string> = {}): Workspace {
  const workspace = createWorkspace({ configs: [flag('shop.open', true)] });
  onTestFinished(() => workspace.cleanup());
  for (const [file, content] of Object.entries(files)) workspace.writeFile(file, content);
  return workspace;
}

const misspelled = JSON.stringify({ ...stringConfig('title', 'Hi'), valueType: 'strng' }, null, 2);
const warned = JSON.stringify({ ...stringConfig('title', 'Hi'), enviroments: [] }, null, 2);
const verify = (cwd: string, ...args: string[]) =>
  runCli(['verify', '--datadir', '.', ...args], { cwd });

describe('nestjs-quonfig verify', () => {
  it('a valid workspace ends with exit code 0', async () => {
    const { code, stdout, stderr } = await verify(workspaceWith().path);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No problems in 2 files.\n',
    });
  });

  it('a mistake is printed with file, line, column, code frame and suggestion, and ends with exit code 1', async () => {
    const workspace = workspaceWith({ 'configs/title.json': misspelled });
    const { code, stdout, stderr } = await verify(workspace.path);
    expect(code).toBe(1);
    expect(stdout)
      .toBe(`configs/title.json:4:16 error "valueType" is "strng", which is unknown. Did you mean "string"? (document-structure)
  2 |   "key": "title",
  3 |   "type": "config",
> 4 |   "valueType": "strng",
    |                ^^^^^^^
  5 |   "default": {
  6 |     "rules": [

`);
    expect(stderr).toBe('1 error, 0 warnings in 3 files.\n');
  });

  it('warnings end with exit code 0, and with --strict they are errors', async () => {
    const workspace = workspaceWith({ 'configs/title.json': warned });
    expect(await verify(workspace.path)).toMatchObject({ code: 0 });
    const strict = await verify(workspace.path, '--strict');
    expect(strict.code).toBe(1);
    expect(strict.stderr).toBe('1 error, 0 warnings in 3 files.\n');
  });

  it('code frames hide confidential values', async () => {
    const document = stringConfig('title', 'hunter2');
    const [rule] = (document['default'] as { rules: { value: object }[] }).rules;
    Object.assign(rule!.value, { confidential: true, decryptWidth: 'key' });
    const workspace = workspaceWith({ 'configs/title.json': JSON.stringify(document, null, 1) });
    for (const format of ['text', 'json', 'sarif', 'github']) {
      const { code, stdout } = await runHere([
        'verify',
        '--datadir',
        workspace.path,
        '--format',
        format,
      ]);
      expect(code).toBe(1);
      expect(stdout).toContain('decryptWidth');
      expect(stdout).not.toContain('hunter2');
    }
    const { stdout } = await runHere(['verify', '--datadir', workspace.path]);
    expect(stdout).toContain('"value": *********');
  });

  it('--json prints counts and findings with positions', async () => {
    const workspace = workspaceWith({ 'configs/title.json': misspelled });
    const { code, stdout } = await verify(workspace.path, '--json');
    expect(code).toBe(1);
    const { files, errors, warnings, findings } = JSON.parse(stdout) as Report;
    expect({ files, errors, warnings }).toEqual({ files: 3, errors: 1, warnings: 0 });
    expect(findings).toEqual([
      {
        rule: 'document-structure',
        severity: 'error',
        file: 'configs/title.json',
        line: 4,
        column: 16,
        endLine: 4,
        endColumn: 23,
        pointer: '/valueType',
        message: '"valueType" is "strng", which is unknown. Did you mean "string"?',
      },
    ]);
  });

  it('--format github prints one workflow command per finding', async () => {
    const workspace = workspaceWith({ 'configs/title.json': misspelled });
    const { code, stdout } = await verify(workspace.path, '--format', 'github');
    expect(code).toBe(1);
    expect(stdout).toBe(
      '::error file=configs/title.json,line=4,endLine=4,col=16,endColumn=23,title=nestjs-quonfig%3A document-structure::"valueType" is "strng", which is unknown. Did you mean "string"?\n',
    );
  });

  it('--format sarif prints a log whose results name their rule and region', async () => {
    const workspace = workspaceWith({ 'configs/title.json': misspelled });
    const { code, stdout } = await verify(workspace.path, '--format', 'sarif');
    expect(code).toBe(1);
    const { version, runs } = JSON.parse(stdout) as {
      version: string;
      runs: {
        tool: { driver: { rules: { id: string }[] } };
        results: { ruleId: string; ruleIndex: number; level: string; locations: object[] }[];
      }[];
    };
    expect(version).toBe('2.1.0');
    const [{ tool, results }] = runs as [(typeof runs)[0]];
    const [result] = results as [(typeof results)[0]];
    expect(tool.driver.rules[result.ruleIndex]!.id).toBe(result.ruleId);
    expect(result).toMatchObject({
      ruleId: 'document-structure',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'configs/title.json' },
            region: { startLine: 4, startColumn: 16, endLine: 4, endColumn: 23 },
          },
        },
      ],
    });
  });

  it('a named pipe in place of a file does not block verify', async () => {
    const workspace = workspaceWith();
    const { execFileSync } = await import('node:child_process');
    mkdirSync(join(workspace.path, 'configs'), { recursive: true });
    execFileSync('mkfifo', [join(workspace.path, 'configs/pipe.json')]);
    const { code, stdout } = await verify(workspace.path);
    expect(code).toBe(1);
    expect(stdout).toContain('configs/pipe.json error The file is not read.');
  });

  it('a file that is not UTF-8 is an error', async () => {
    const workspace = workspaceWith();
    mkdirSync(join(workspace.path, 'configs'), { recursive: true });
    writeFileSync(join(workspace.path, 'configs/latin.json'), Buffer.from([0x22, 0xe9, 0x22]));
    expect((await verify(workspace.path)).stdout).toContain('Save it as UTF-8');
  });

  it('a chain of thousands of segments that ends in a cycle is one finding', async () => {
    const workspace = workspaceWith();
    const count = 3_000;
    for (let index = 0; index < count; index++) {
      const next = `s${index + 1 < count ? index + 1 : count - 2}`;
      const criterion = { operator: 'IN_SEG', valueToMatch: { type: 'string', value: next } };
      const rules = [{ criteria: [criterion], value: { type: 'bool', value: true } }];
      workspace.write({ key: `s${index}`, type: 'segment', valueType: 'bool', default: { rules } });
    }
    const { findings } = JSON.parse((await verify(workspace.path, '--json')).stdout) as Report;
    expect(findings.map(({ rule }) => rule)).toEqual(['reference-cycle']);
  });
});

describe.skipIf(!corpusExists)('verify on the public test workspace of the SDK family', () => {
  it('verify finds the deliberate mistakes and outdated parts of the conformance workspace, and nothing else', async () => {
    const datadir = resolve(
      import.meta.dirname,
      '../../..',
      process.env['QUONFIG_CONFORMANCE_DIR']!,
      'data/integration-tests',
    );
    const { code, stdout } = await runCli(['verify', '--json', '--datadir', datadir]);
    expect(code).toBe(1);
    const { findings } = JSON.parse(stdout) as Report;
    const counts: Record<string, number> = {};
    for (const { rule } of findings) counts[rule] = (counts[rule] ?? 0) + 1;
    expect(counts).toMatchInlineSnapshot(`
      {
        "duration": 7,
        "environment-id": 71,
        "type": 58,
        "unknown-environment": 25,
        "unusable-match": 2,
        "variant": 5,
        "weights": 2,
      }
    `);
  });
});
