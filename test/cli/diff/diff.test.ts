import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createWorkspace, flag, stringConfig, type Workspace } from '../../support/workspace.js';
import { runCli, type RunResult } from '../command-line.js';

let workspace: Workspace;

beforeEach(() => {
  workspace = createWorkspace({ environments: ['staging', 'production'] });
  onTestFinished(() => workspace.cleanup());
});

function diff(...args: string[]): Promise<RunResult> {
  return runCli(['diff', '--datadir', workspace.path, ...args]);
}

function git(...args: string[]): void {
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  const { status, stderr } = spawnSync('git', ['-C', workspace.path, ...author, ...args], {
    encoding: 'utf8',
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
}

const oneOf = (propertyName: string, ...value: string[]): object => ({
  operator: 'PROP_IS_ONE_OF',
  propertyName,
  valueToMatch: { type: 'string_list', value },
});
const inSegment = (value: string): object => ({
  operator: 'IN_SEG',
  valueToMatch: { type: 'string', value },
});
const rule = (value: unknown, ...criteria: object[]): object => ({
  criteria,
  value: { type: 'bool', value },
});
const targeted = (
  key: string,
  rules: object[],
  environments: object[] = [],
  type = 'feature_flag',
) => ({
  key,
  type,
  valueType: 'bool',
  default: { rules },
  environments,
});

describe('nestjs-quonfig diff of two environments', () => {
  it('diff shows the rules that only one environment has, and which contexts can get a different value', async () => {
    workspace.write(flag('same', true));
    workspace.write(
      targeted(
        'shop.open',
        [rule(false)],
        [
          { id: 'staging', rules: [rule(true)] },
          { id: 'production', rules: [rule(true, oneOf('user.plan', 'pro', 'team'))] },
        ],
      ),
    );
    const { code, stdout, stderr } = await diff('staging', 'production');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`--- staging
+++ production

~ shop.open feature_flag, changed
  - environment rule 1: true
  + environment rule 1: if user.plan is one of "pro", "team": true
  + default rule 1: false
    could change depending on user.plan, and for every context
`);
  });

  it('rules after one without criteria make no difference', async () => {
    workspace.write(
      targeted(
        'shop.open',
        [rule(true), rule(false)],
        [{ id: 'staging', rules: [rule(true), rule(false, oneOf('user.plan', 'pro'))] }],
      ),
    );
    expect((await diff('staging', 'production')).stdout).toBe(
      'no value differs between staging and production\n',
    );
  });

  it('a last rule that differs changes nothing for contexts that an earlier rule matches', async () => {
    workspace.write(
      targeted(
        'shop.open',
        [rule(true, oneOf('user.key', 'a')), rule(false)],
        [{ id: 'staging', rules: [rule(true, oneOf('user.key', 'a')), rule(true)] }],
      ),
    );
    const { stdout } = await diff('staging', 'production');
    expect(stdout).toContain('could change for every context that no earlier rule matches');
    expect(stdout).not.toContain('user.key');
  });

  it('confidential values are not shown', async () => {
    const secret = (value: string): object => ({
      criteria: [],
      value: { type: 'string', value, confidential: true },
    });
    workspace.write({
      ...stringConfig('token', ''),
      default: { rules: [secret('default-secret')] },
      environments: [{ id: 'staging', rules: [secret('staging-secret')] }],
    });
    const text = await diff('staging', 'production');
    const json = await diff('staging', 'production', '--json');
    expect(text.stdout).toContain('- environment rule 1: *****');
    expect(text.stdout + json.stdout).not.toContain('secret');
  });

  it('--json prints keys, rules and properties for programs', async () => {
    const split = {
      type: 'weighted_values',
      value: {
        weightedValues: [
          { weight: 1, value: { type: 'bool', value: true } },
          { weight: 3, value: { type: 'bool', value: false } },
        ],
        hashByPropertyName: 'user.id',
      },
    };
    workspace.write(
      targeted(
        'shop.open',
        [rule(false)],
        [{ id: 'production', rules: [{ criteria: [], value: split }] }],
      ),
    );
    const { stdout } = await diff('staging', 'production', '--json');
    expect(JSON.parse(stdout)).toEqual({
      before: 'staging',
      after: 'production',
      changes: [
        {
          key: 'shop.open',
          type: 'feature_flag',
          change: 'changed',
          rules: [
            { sign: '-', list: 'default', ruleIndex: 0, text: 'false' },
            {
              sign: '+',
              list: 'environment',
              ruleIndex: 0,
              text: '25% true, 75% false, by user.id',
            },
          ],
          properties: ['user.id'],
          everyContext: true,
          afterEarlierRules: false,
          through: [],
        },
      ],
    });
  });
});

describe('nestjs-quonfig diff of git revisions', () => {
  beforeEach(() => {
    workspace.write(stringConfig('greeting', 'Hello'));
    workspace.write(
      targeted('staff', [rule(true, oneOf('user.email', 'a@example.com'))], [], 'segment'),
    );
    workspace.write(targeted('beta', [rule(true, inSegment('staff')), rule(false)]));
    workspace.write(flag('old', true));
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'one');
  });

  it('diff compares a revision with the files as they are now, in all environments', async () => {
    workspace.write(stringConfig('greeting', 'Hi'));
    workspace.remove(flag('old', true));
    workspace.write(flag('new', true));
    workspace.write(targeted('staff', [rule(true, oneOf('user.plan', 'staff'))], [], 'segment'));
    const { code, stdout, stderr } = await diff('HEAD');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`--- HEAD
+++ the working tree

~ beta feature_flag, affected in staging, production
    could change through staff depending on user.email, user.plan

~ greeting config, changed in staging, production
  - default rule 1: "Hello"
  + default rule 1: "Hi"
    could change for every context

+ new feature_flag, added in staging, production
  + default rule 1: true
    could change for every context

- old feature_flag, removed in staging, production
  - default rule 1: true
    could change for every context

~ staff segment, changed in staging, production
  - default rule 1: if user.email is one of "a@example.com": true
  + default rule 1: if user.plan is one of "staff": true
    could change depending on user.email, user.plan
`);
  });

  it('diff compares two revisions, whatever the files are now', async () => {
    workspace.write({
      ...stringConfig('greeting', 'Hello'),
      environments: [
        { id: 'production', rules: [{ criteria: [], value: { type: 'string', value: 'Hi' } }] },
      ],
    });
    git('commit', '-q', '-a', '-m', 'two');
    workspace.writeFile('configs/greeting.json', '{');
    const { stdout } = await diff('main~1', 'main');
    expect(stdout).toContain('~ greeting config, changed in production\n');
    expect((await diff('main~1', 'main', '--environment', 'staging')).stdout).toBe(
      'no value differs between main~1 and main\n',
    );
  });

  it('fields that are not evaluated, and the order of names, are no difference', async () => {
    workspace.write({
      default: stringConfig('x', 'Hello')['default'],
      ...stringConfig('greeting', 'Hello'),
      description: 'New',
    });
    expect((await diff('HEAD')).stdout).toBe(
      'no value differs between HEAD and the working tree\n',
    );
  });

  it('a workspace below the top of the repository is found', async () => {
    workspace.writeFile('deep/ws/quonfig.json', '{"environments": ["one"]}');
    workspace.writeFile('deep/ws/feature-flags/a.json', JSON.stringify(flag('a', true)));
    git('add', '.');
    git('commit', '-q', '-m', 'two');
    workspace.writeFile('deep/ws/feature-flags/a.json', JSON.stringify(flag('a', false)));
    const args = ['diff', 'HEAD', '--datadir', `${workspace.path}/deep/ws`];
    expect((await runCli(args)).stdout).toContain('~ a feature_flag, changed in one');
    const { code, stderr } = await runCli([
      'diff',
      'HEAD~1',
      '--datadir',
      `${workspace.path}/deep/ws`,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/was not a workspace at HEAD~1/);
  });

  it.each([
    [
      ['stagin', 'production'],
      /"stagin" is neither an environment nor a git revision\. Did you mean staging\?/,
    ],
    [['staging'], /"staging" is an environment; name a second one/],
    [['staging', 'production', '--environment', 'staging'], /Leave it out/],
    [['HEAD', '--environment', 'stagin'], /Did you mean staging\?/],
    [['--', '--output=x'], /neither an environment nor a git revision/],
  ])('%j is misuse', async (args, message) => {
    const { code, stderr } = await diff(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('nestjs-quonfig diff with incomplete git information', () => {
  const clone = (...args: string[]): string => {
    const copy = createWorkspace();
    onTestFinished(() => copy.cleanup());
    git('clone', '-q', ...args, pathToFileURL(workspace.path).href, `${copy.path}/clone`);
    return `${copy.path}/clone`;
  };

  beforeEach(() => {
    workspace.write(flag('shop.open', true));
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'one');
    workspace.write(flag('shop.open', false));
    git('commit', '-q', '-a', '-m', 'two');
  });

  it('for a detached HEAD without local branches, the remote branch is suggested', async () => {
    const copy = clone();
    spawnSync('git', ['-C', copy, 'checkout', '-q', '--detach', 'HEAD']);
    spawnSync('git', ['-C', copy, 'branch', '-q', '-D', 'main']);
    const { code, stderr } = await runCli(['diff', 'main', '--datadir', copy]);
    expect(code).toBe(2);
    expect(stderr).toContain('The remote has a branch of that name: write origin/main.');
    const works = await runCli(['diff', 'origin/main~1', 'HEAD', '--datadir', copy]);
    expect(works.stdout).toContain('~ shop.open feature_flag, changed');
  });

  it('a shallow clone says that older revisions are missing', async () => {
    const { code, stderr } = await runCli(['diff', 'HEAD~1', '--datadir', clone('--depth', '1')]);
    expect(code).toBe(2);
    expect(stderr).toContain('The clone is shallow, so older revisions are missing');
  });

  it('without a repository, revisions cannot be compared but environments can', async () => {
    workspace.remove('.git');
    const { code, stderr } = await diff('HEAD');
    expect(code).toBe(2);
    expect(stderr).toContain('The workspace is not in a git repository');
    expect(await diff('staging', 'production')).toMatchObject({ code: 0 });
  });

  it('without git, revisions cannot be compared but environments can', async () => {
    const options = { env: { PATH: '/nowhere' } };
    const args = ['diff', '--datadir', workspace.path];
    const { code, stderr } = await runCli([...args, 'HEAD'], options);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^nestjs-quonfig diff: git is not installed[^\n]*\n$/);
    expect(await runCli([...args, 'staging', 'production'], options)).toMatchObject({ code: 0 });
  });
});
