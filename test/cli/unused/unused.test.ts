import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  constantDocument,
  createWorkspace,
  flag,
  stringConfig,
  type Workspace,
} from '../../support/workspace.js';
import { runCli, type RunResult } from '../command-line.js';

const root = resolve(import.meta.dirname, '../../..');

/** TypeScript 7, a native program, and 5, whose compiler is a library. */
const COMPILERS = [
  ['7', 'node_modules/typescript'],
  ['5', 'node_modules/@arethetypeswrong/core/node_modules/typescript'],
] as const;

let project: Workspace;

beforeEach(() => {
  project = createWorkspace();
  onTestFinished(() => project.cleanup());
  mkdirSync(join(project.path, 'node_modules'));
});

function use(compiler: string): void {
  symlinkSync(join(root, compiler), join(project.path, 'node_modules/typescript'));
}

function unused(args: readonly string[] = []): Promise<RunResult> {
  return runCli(['unused', '--datadir', '.', ...args], { cwd: project.path });
}

interface Found {
  readonly missing: {
    key: string;
    by: string;
    file: string;
    line: number;
    column: number;
    suggestion?: string;
  }[];
  readonly unused: { key: string; type: string; file: string; sentToClients: boolean }[];
  readonly openReads: { by: string; file: string; line: number; column: number }[];
}

async function found(args: readonly string[] = []): Promise<Found> {
  const { stdout, stderr } = await unused(['--json', ...args]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Found;
}

const missingKeys = ({ missing }: Found): string[] => missing.map(({ key, by }) => `${by} ${key}`);
const unusedKeys = (all: Found): string[] => all.unused.map(({ key }) => key);

describe.each(COMPILERS)('nestjs-quonfig unused, with TypeScript %s', (_version, compiler) => {
  beforeEach(() => use(compiler));

  it('unused recognizes keys in reads, decorators, constants, enums and object literals', async () => {
    project.writeFile(
      'src/app.ts',
      `import { Controller, Inject } from '@nestjs/common';
import * as all from 'nestjs-quonfig';
import {
  type BoundQuonfig, ConfigDetails, ConfigValue, createQuonfigDecorators, Flag as On, getQuonfigToken, InjectQuonfig,
  Live, OnQuonfigUpdate, QuonfigService, RequireFlag,
} from 'nestjs-quonfig';

const KEY = 'a.constant';
const KEYS = { nested: 'a.member' } as const;
enum Names { One = 'an.enum' }
class Holder { static readonly KEY = 'a.static'; }

@Controller()
@RequireFlag({ all: ['r.all', { any: [{ not: 'r.not' }, { key: 'r.key', equals: 'no key' }] }] })
export class App {
  @Live('d.live') private readonly live!: unknown;
  @Inject(QuonfigService) private readonly injected!: QuonfigService;
  constructor(private readonly quonfig: QuonfigService, other: Map<string, string>) {
    other.get('not.a.key');
    quonfig.get('c.parameter');
  }
  @RequireFlag('r.single', { status: 403 })
  @OnQuonfigUpdate(['u.one', 'u.pattern.*'])
  handle(@On('d.flag') a: boolean, @ConfigValue('d.value', 1) b: number, @ConfigDetails('d.details') c: unknown) {
    this.quonfig.isEnabled(KEY);
    this.quonfig!.getString(KEYS.nested);
    this.quonfig.getNumber(KEYS['nested']);
    this.injected.getBool(Names.One);
    this.quonfig.getJSON(Holder.KEY);
    this.quonfig.getDuration('t.' + 'joined');
    this.quonfig.getStringList(\`t.template\`);
    this.quonfig.observe(a ? 'i.then' : 'i.else');
    this.quonfig.live('m.live' as const);
    this.quonfig.explain(('m.explain'));
    this.quonfig.getBoolDetails('m.details');
    this.quonfig.shouldLog({ configKey: 'm.log', desiredLevel: 'info' });
    this.quonfig.withContext({}).get('b.bound');
    this.quonfig.withContext({}, (bound) => bound.get('b.callback'));
    this.quonfig.withContext({}, function (bound) { return bound.get('b.function'); });
  }
}

export async function main(app: any, bound: BoundQuonfig) {
  const service = app.get(QuonfigService);
  service.get('s.container');
  const own = await QuonfigService.create();
  own.get('s.created');
  bound.get('s.bound');
  (app as all.QuonfigService).get('not.known');
}

export const factory = { inject: ['X', QuonfigService], useFactory: (x: string, q) => q.get('f.factory') };
export const table = (q: QuonfigService<all.QuonfigTypes>) => q.get('f.table');
export const typed = { useFactory: (q: all.QuonfigService) => q.get('f.namespace') };
`,
    );
    expect(missingKeys(await found())).toEqual([
      '@RequireFlag r.all',
      '@RequireFlag r.not',
      '@RequireFlag r.key',
      '@Live d.live',
      'get c.parameter',
      '@RequireFlag r.single',
      '@OnQuonfigUpdate u.one',
      '@OnQuonfigUpdate u.pattern.*',
      '@Flag d.flag',
      '@ConfigValue d.value',
      '@ConfigDetails d.details',
      'isEnabled a.constant',
      'getString a.member',
      'getNumber a.member',
      'getBool an.enum',
      'getJSON a.static',
      'getDuration t.joined',
      'getStringList t.template',
      'observe i.then',
      'observe i.else',
      'live m.live',
      'explain m.explain',
      'getBoolDetails m.details',
      'shouldLog m.log',
      'get b.bound',
      'get b.callback',
      'get b.function',
      'get s.container',
      'get s.created',
      'get s.bound',
      'get f.factory',
      'get f.table',
      'get f.namespace',
    ]);
  });

  it('positions point at the key, and the key that was probably meant is suggested', async () => {
    project.write(flag('shop.open', true));
    project.writeFile(
      'src/a.ts',
      "import type { QuonfigService } from 'nestjs-quonfig';\r\n// ü 🎉 {\r\nexport const x = (q: QuonfigService) => q.get('shop.opne');\r\n",
    );
    expect((await found()).missing).toEqual([
      {
        key: 'shop.opne',
        by: 'get',
        file: 'src/a.ts',
        line: 3,
        column: 47,
        suggestion: 'shop.open',
      },
    ]);
    const { code, stdout, stderr } = await unused();
    expect(code).toBe(1);
    expect(stdout).toBe(`Mentioned, but not in the workspace
  shop.opne  get at src/a.ts:3:47; did you mean shop.open?

Not mentioned by any source file
  shop.open  feature-flags/shop.open.json, also sent to browsers and mobile applications
`);
    expect(stderr).toBe('1 missing, 1 unused\n');
  });

  it('keys of a named instance belong to another workspace', async () => {
    project.writeFile(
      'src/a.ts',
      `import { createQuonfigDecorators, Flag, getQuonfigToken, InjectQuonfig, type QuonfigService } from 'nestjs-quonfig';
const Billing = createQuonfigDecorators<BillingConfig>('billing');
export class A {
  @Billing.Live('billing.live') live: unknown;
  constructor(@InjectQuonfig('billing') private readonly q: QuonfigService, private readonly r: QuonfigService<Other>) {}
  read(@Flag('billing.flag', { instance: 'billing' }) a: boolean, app: any) {
    this.q.get('billing.injected');
    this.r.get('other.table');
    app.get(getQuonfigToken('billing')).get('billing.token');
  }
}
`,
    );
    expect((await found()).missing).toEqual([]);
    expect(missingKeys(await found(['--instance', 'billing']))).toEqual([
      '@Live billing.live',
      '@Flag billing.flag',
      'get billing.injected',
      'get billing.token',
    ]);
  });

  it('a key counts as used wherever a string, a template or a pattern contains it', async () => {
    for (const key of [
      'in.string',
      'in.template.x',
      'in.joined.x',
      'by.pattern.x',
      'nowhere',
      'tpl',
      'comment',
    ]) {
      project.write(stringConfig(key, ''));
    }
    project.writeFile(
      'src/a.tsx',
      `import { OnQuonfigUpdate } from 'nestjs-quonfig';
const keys = ['in.string'];
export const one = (name: string) => <div title={\`in.template.\${name}\`}>{'in.joined.' + name}{\`\${name}tpl\`}</div>;
export class A {
  @OnQuonfigUpdate('by.pattern.*') a() {}
  @OnQuonfigUpdate('*') all() {}
  // comment
}
`,
    );
    expect(unusedKeys(await found())).toEqual(['comment', 'nowhere', 'tpl']);
  });

  it('reads whose key is computed at run time are counted', async () => {
    project.writeFile(
      'src/a.ts',
      `import type { QuonfigService } from 'nestjs-quonfig';
export const read = (q: QuonfigService, key: string) => q.get(key);
`,
    );
    expect((await found()).openReads).toEqual([
      { by: 'get', file: 'src/a.ts', line: 2, column: 63 },
    ]);
    expect((await unused()).stderr).toMatch(/1 read has a key that is computed at run time/);
  });
});

describe('nestjs-quonfig unused', () => {
  beforeEach(() => use(COMPILERS[1][1]));

  it('keys that other configs refer to count as used, and segments that no config uses do not', async () => {
    project.write(constantDocument('key', 'config', 'string', 'k'));
    project.write(constantDocument('used.segment', 'segment', 'bool', true));
    project.write(constantDocument('unused.segment', 'segment', 'bool', true));
    project.write({
      key: 'secret',
      type: 'config',
      valueType: 'string',
      default: {
        rules: [
          {
            criteria: [
              { operator: 'IN_SEG', valueToMatch: { type: 'string', value: 'used.segment' } },
            ],
            value: { type: 'string', value: 'x', confidential: true, decryptWith: 'key' },
          },
        ],
      },
    });
    project.writeFile('src/a.ts', "export const key = 'secret';\n");
    expect(unusedKeys(await found())).toEqual(['unused.segment']);
  });

  it('calls of the generated class count as uses of a key, and the generated files alone do not', async () => {
    project.write(flag('shop.open', true));
    project.write(flag('shop.sale', true));
    await runCli(['generate', '--datadir', '.', '--service'], { cwd: project.path });
    project.writeFile('src/a.ts', 'export const open = (configs: any) => configs.shopOpen();\n');
    expect(unusedKeys(await found())).toEqual(['shop.sale']);
  });

  it('tests may read keys that do not exist', async () => {
    project.writeFile(
      'src/a.spec.ts',
      "import type { QuonfigService } from 'nestjs-quonfig';\nexport const x = (q: QuonfigService) => q.get('no.key');\n",
    );
    const { code, stderr } = await unused();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'all 0 keys are mentioned, and all mentioned keys exist (1 source file)\n',
    });
  });

  it('unused says that the only key is mentioned', async () => {
    project.write(flag('shop.open', true));
    project.writeFile('src/a.ts', "export const key = 'shop.open';\n");
    const { code, stderr } = await unused();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'the only key is mentioned, and all mentioned keys exist (1 source file)\n',
    });
  });

  it('--src names the directories, and --ignore keys to leave out', async () => {
    project.write(flag('web.banner', true));
    project.write(flag('old.one', true));
    project.writeFile('api/a.ts', 'export {};\n');
    project.writeFile('web/a.js', "module.exports = 'web.banner';\n");
    project.writeFile('web/node_modules/x.js', "module.exports = 'old.one';\n");
    expect(unusedKeys(await found(['--src', 'api']))).toEqual(['old.one', 'web.banner']);
    expect(unusedKeys(await found(['--src', 'api', '--src', 'web']))).toEqual(['old.one']);
    expect(await unused(['--src', 'api', '--src', 'web', '--ignore', 'old.*'])).toMatchObject({
      code: 0,
    });
  });

  it.each([
    [['--src', 'nowhere'], /nowhere does not exist\. Pass the directories of your code with --src/],
    [['--src', 'configs'], /no source files found in configs/],
  ])('%j is misuse', async (args, message) => {
    project.write(stringConfig('a', ''));
    const { code, stderr } = await unused(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('nestjs-quonfig unused without a usable TypeScript', () => {
  it('unused, without a usable TypeScript, says how to install it', async () => {
    project.writeFile('src/a.ts', 'export {};\n');
    const { code, stderr } = await unused();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /TypeScript is not installed in this project.* Run "npm i -D typescript"\./,
    );
  });

  it('unused, without a usable TypeScript, names the version that cannot be used', async () => {
    project.writeFile('src/a.ts', 'export {};\n');
    project.writeFile('node_modules/typescript/package.json', '{"version": "7.9.0"}');
    const { code, stderr } = await unused();
    expect(code).toBe(1);
    expect(stderr).toMatch(/TypeScript 7\.9\.0 in this project cannot be used/);
  });
});
