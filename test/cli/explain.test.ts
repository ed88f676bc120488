import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { constantDocument, createWorkspace, flag, type Workspace } from '../support/workspace.js';
import { runCli, runHere } from './command-line.js';

const bool = (value: boolean) => ({ type: 'bool', value });
const plan = (plans: string[]) => ({
  propertyName: 'user.plan',
  operator: 'PROP_IS_ONE_OF',
  valueToMatch: { type: 'string_list', value: plans },
});
const always = { operator: 'ALWAYS_TRUE' };
const inSegment = { operator: 'IN_SEG', valueToMatch: { type: 'string', value: 'beta' } };

let workspace: Workspace;
beforeAll(() => {
  workspace = createWorkspace({
    environments: ['production', 'staging'],
    configs: [
      {
        ...flag('checkout', false),
        default: { rules: [{ criteria: [always], value: bool(false) }] },
        environments: [
          { id: 'production', rules: [{ criteria: [plan(['pro'])], value: bool(true) }] },
          { id: 'staging', rules: [{ criteria: [inSegment], value: bool(true) }] },
        ],
      },
      {
        ...flag('beta', false),
        type: 'segment',
        default: { rules: [{ criteria: [plan(['beta'])], value: bool(true) }] },
      },
      {
        ...flag('split', false),
        default: {
          rules: [
            {
              criteria: [],
              value: {
                type: 'weighted_values',
                value: {
                  hashByPropertyName: 'user.key',
                  weightedValues: [
                    { weight: 50_000, value: bool(true) },
                    { weight: 50_000, value: bool(false) },
                  ],
                },
              },
            },
          ],
        },
      },
      constantDocument('odd', 'config', 'string', 'line\u001B[31m\nbreak'),
      constantDocument('hold', 'config', 'duration', 'soon'),
    ],
  });
});
afterAll(() => workspace.cleanup());

const explain = (key: string, environment: string, context?: object, ...more: string[]) =>
  runHere([
    'explain',
    key,
    '--datadir',
    workspace.path,
    '--environment',
    environment,
    ...(context === undefined ? [] : ['--context', JSON.stringify(context)]),
    ...more,
  ]);

describe('nestjs-quonfig explain', () => {
  it('explain shows every evaluated rule and criterion, its input, and the outcome', async () => {
    const { code, stdout, stderr } = await explain('checkout', 'production', {
      user: { plan: 'free' },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`checkout in production

✗ environment rule 1
    ✗ user.plan PROP_IS_ONE_OF ["pro"] saw "free" - the value does not satisfy the operator
✓ default rule 1 matched
    ✓ ALWAYS_TRUE - always true

value   false
reason  TARGETING_MATCH (targeting:0, which counts from 0)
`);
  });

  it('the command as a process prints the same output', async () => {
    const args = ['explain', 'hold', '--datadir', workspace.path, '--environment', 'staging'];
    expect(await runCli(args)).toEqual(await runHere(args));
  });

  it('explain shows the rules of a segment inside the criterion that refers to it', async () => {
    const { stdout } = await explain('checkout', 'staging', { user: { plan: 'beta' } });
    expect(stdout).toContain(`✓ environment rule 1 matched
    ✓ IN_SEG "beta" - the segment satisfies the operator
        ✓ beta rule 1 matched
            ✓ user.plan PROP_IS_ONE_OF ["beta"] saw "beta" - the value satisfies the operator
`);
    expect(stdout).toContain('value   true');
  });

  it('explain shows how a weighted value was picked, and that the property is missing', async () => {
    const picked = await explain('split', 'production', { user: { key: 'anna' } });
    expect(picked.stdout).toMatch(
      /variant (1 \(0% to 50%\)|2 \(50% to 100%\)): user\.key "anna" hashes to \d+\.\d{3}%/,
    );
    const missing = await explain('split', 'production');
    expect(missing.stdout).toContain('user.key is missing, which counts as ""');
  });

  it('a missing property is named', async () => {
    const { stdout } = await explain('checkout', 'production', { user: { paln: 'pro' } });
    expect(stdout).toContain('✗ user.plan PROP_IS_ONE_OF ["pro"] - the property is missing');
  });

  it('--json prints the trace of explain()', async () => {
    const { code, stdout } = await explain(
      'checkout',
      'production',
      { user: { plan: 'pro' } },
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      key: 'checkout',
      environment: 'production',
      rules: [{ list: 'environment', ruleIndex: 0, matched: true }],
      outcome: { value: true, reason: 'TARGETING_MATCH' },
    });
  });

  it('an unknown key ends with exit code 1 and a suggestion', async () => {
    const { code, stdout, stderr } = await explain('chekout', 'production');
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('FLAG_NOT_FOUND');
    expect(stdout + stderr).toContain('checkout');
  });

  it('a value that cannot be used ends with exit code 1', async () => {
    const { code, stdout } = await explain('hold', 'production');
    expect(code).toBe(1);
    expect(stdout).toContain('GENERAL');
  });

  it('a file that is not JSON ends with exit code 1 and its position', async () => {
    const file = 'configs/broken.json';
    workspace.writeFile(file, '{\n');
    const { code, stdout, stderr } = await explain('checkout', 'production');
    workspace.remove(file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${workspace.path}/${file}:1:1: this is not valid JSON.`);
  });

  it('values cannot control the terminal', async () => {
    const { stdout } = await explain('odd', 'production');
    expect(stdout).not.toContain('\u001B');
    expect(stdout.trimEnd().split('\n')).toHaveLength(7);
  });

  it.each([
    ['--context', '{user: 1}', /not a JSON object/],
    ['--context', '[]', /not a JSON object/],
    ['--context', '{"user": "anna"}', /the context "user" is not an object of properties/],
    ['--environment', 'prodution', /no environment "prodution"\. Did you mean production\?/],
  ])('%s %s ends with exit code 2 and shows what is expected', async (option, value, message) => {
    const args = ['explain', 'checkout', '--datadir', workspace.path, option, value];
    const { code, stderr } = await runHere(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('without --environment, the variable or the only environment is used', async () => {
    const args = ['explain', 'checkout', '--datadir', workspace.path];
    expect((await runCli(args)).stderr).toContain('production, staging');
    const byVariable = await runCli(args, { env: { QUONFIG_ENVIRONMENT: 'staging' } });
    expect(byVariable.stdout).toContain('checkout in staging');
  });
});

describe('what nestjs-quonfig explain points out', () => {
  const document = (key: string, rules: object[], environments: object[] = []) =>
    workspace.write({ ...flag(key, false), default: { rules }, environments });
  const rule = (value: boolean, ...criteria: object[]) => ({ criteria, value: bool(value) });

  it('explain points out a property that the contexts spell differently, or have in another context', async () => {
    const seats = {
      propertyName: 'team.seatcount',
      operator: 'PROP_GREATER_THAN',
      valueToMatch: { type: 'int', value: '9' },
    };
    document('seats', [rule(true, seats), rule(true, plan(['pro'])), rule(false)]);
    const contexts = { team: { seatCount: 20, plan: 'pro' }, user: { key: 'anna' } };
    expect((await explain('seats', 'production', contexts)).stderr).toBe(
      'The rules read team.seatcount; --context has team.seatCount instead. Is one of them misspelled?\n' +
        'The rules read user.plan; --context has team.plan instead. Is one of them misspelled?\n',
    );
    const quiet = await explain('seats', 'production', contexts, '--quiet');
    expect(quiet.stderr).toBe('');
  });

  it('explain points out rules of other environments if this one has none', async () => {
    const environments = [{ id: 'production', rules: [rule(true)] }];
    document('elsewhere', [rule(false)], environments);
    expect((await explain('elsewhere', 'staging')).stderr).toBe(
      'The key has no rules of its own in staging, only in production; those do not apply here.\n',
    );
    expect((await explain('elsewhere', 'production')).stderr).toBe('');
  });

  it('explain points out how many rules come after the one that matched', async () => {
    document('shadowed', [
      rule(false, plan(['free', 'pro'])),
      rule(true, plan(['pro'])),
      rule(false),
    ]);
    const { stdout } = await explain('shadowed', 'production', { user: { plan: 'pro' } });
    expect(stdout).toContain('\n  2 later rules are not tried\n');
  });
});

describe('nestjs-quonfig explain --context @FILE', () => {
  const explainFile = (file: string) =>
    runHere([
      'explain',
      'checkout',
      '--datadir',
      workspace.path,
      '--environment',
      'production',
      '--context',
      `@${file}`,
    ]);

  it('explain takes the contexts from the file', async () => {
    workspace.writeFile('contexts', '\uFEFF{"user": {"plan": "pro"}}');
    const { stdout } = await explainFile(`${workspace.path}/contexts`);
    expect(stdout).toContain('value   true');
  });

  it('explain names a file that cannot be read', async () => {
    const { code, stderr } = await explainFile('/nowhere');
    expect(code).toBe(1);
    expect(stderr).toMatch(/\/nowhere cannot be read \(ENOENT\)/);
  });
});
