import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { corpusExists } from '../../support/conformance.js';
import {
  constantDocument,
  createWorkspace,
  flag,
  stringConfig,
  type Workspace,
} from '../../support/workspace.js';
import { runCli } from '../command-line.js';

const root = resolve(import.meta.dirname, '../../..');

/** Everything that the compiler can be strict about. */
const STRICTEST = {
  target: 'ES2022',
  module: 'NodeNext',
  strict: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noUncheckedSideEffectImports: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noFallthroughCasesInSwitch: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
  allowUnreachableCode: false,
  allowUnusedLabels: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

let project: Workspace;

beforeEach(() => {
  project = createWorkspace();
  onTestFinished(() => project.cleanup());
  project.writeFile('package.json', '{ "type": "module" }');
  mkdirSync(join(project.path, 'node_modules'));
  symlinkSync(join(root, 'node_modules/@nestjs'), join(project.path, 'node_modules/@nestjs'));
});

async function generate(args: readonly string[] = []): Promise<void> {
  const options = { cwd: project.path };
  const { code, stderr } = await runCli(['generate', '--datadir', '.', ...args], options);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

/** What the compiler says about the generated files and a program; empty if it accepts them. */
function compile(program = '', more: object = {}): string {
  project.writeFile('src/program.ts', program);
  const compilerOptions = {
    ...STRICTEST,
    noEmit: true,
    ...more,
    paths: { 'nestjs-quonfig': [join(root, 'dist/index.d.ts')] },
  };
  project.writeFile('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const result = spawnSync(process.execPath, [tsc, '-p', project.path], { encoding: 'utf8' });
  return result.status === 0 ? '' : `${result.stdout}${result.stderr}`;
}

const READ = `import type { QuonfigService } from 'nestjs-quonfig';
export const read = (quonfig: QuonfigService): boolean => quonfig.isEnabled('shop.open');
`;

describe('generated files', { timeout: 120_000 }, () => {
  it.runIf(corpusExists)(
    'generated files of the conformance workspace compile under the strictest settings',
    async () => {
      const data = join(
        resolve(root, process.env['QUONFIG_CONFORMANCE_DIR']!),
        'data/integration-tests',
      );
      cpSync(data, join(project.path, 'ws'), { recursive: true });
      spawnSync('chmod', ['-R', 'u+w', project.path]);
      const { code } = await runCli(['generate', '--datadir', 'ws', '--service'], {
        cwd: project.path,
      });
      expect(code).toBe(0);
      expect(
        compile(`import type { QuonfigService } from 'nestjs-quonfig';
      import type { QuonfigConfigs } from './generated/quonfig-configs.js';
      export const read = (quonfig: QuonfigService, configs: QuonfigConfigs): readonly unknown[] => [
        quonfig.get('perms').roles['saas.admin'][0],
        quonfig.getDuration('test.duration.PT1.5M').toFixed(),
        configs.alwaysTrue({ user: { key: 'a' } }).valueOf(),
        configs.perms().permissions['billing-admin'].title,
        configs.testDurationPT1_5M(undefined, 5).toFixed(),
      ];
    `),
      ).toBe('');
    },
  );

  it('a key that was removed from the workspace breaks the build, and the compiler names it', async () => {
    project.write(flag('shop.open', true));
    project.write(flag('shop.sale', true));
    await generate();
    expect(compile(READ)).toBe('');
    project.remove(flag('shop.open', true));
    await generate();
    expect(compile(READ)).toMatch(
      /src\/program\.ts\(2,\d+\): error TS2345: Argument of type '"shop\.open"' is not assignable to parameter of type '"shop\.sale"'/,
    );
  });

  it('no key, name, description, value or property breaks out of the code', async () => {
    const hostile = [
      "quote's",
      'double"quote',
      'back\\slash',
      'tick`${1}`',
      'line\nbreak',
      'paragraph\u2029separator',
      '__proto__',
      'constructor',
      'ends */ export const injected = 1; /*',
      '日本語 🎉',
      'bidi\u202E',
      '\uD800lone',
      "'; export const injected = 2; '",
      '](http://evil) *',
    ];
    for (const [index, text] of hostile.entries()) {
      const document = {
        ...constantDocument(text, 'config', 'json', JSON.parse(`{${JSON.stringify(text)}: 1}`)),
        name: text,
        description: `${text}\n@internal ${text}`,
      };
      project.writeFile(`configs/${index}.json`, JSON.stringify(document));
    }
    await generate(['--interface', 'HostileConfig']);
    const reads = hostile.map((key) => {
      const code = JSON.stringify(key).replaceAll('\u2029', String.raw`\u2029`);
      return `take(table[${code}][${code}]);`;
    });
    expect(
      compile(`import type { HostileConfig } from './generated/quonfig-types.js';
      import * as all from './generated/quonfig-types.js';
      declare const table: HostileConfig;
      declare function take(value: number): void;
      ${reads.join('\n')}
      export const nothing: never[] = [] satisfies (keyof typeof all)[];
    `),
    ).toBe('');
  });

  it('the class compiles for CommonJS, for bundlers, and for a named instance', async () => {
    project.write(constantDocument('limits', 'config', 'json', { items: 3 }));
    project.write(stringConfig('hi', 'Hello {{name}}'));
    await generate(['--service']);
    expect(compile('', { module: 'ESNext', moduleResolution: 'bundler' })).toBe('');
    expect(
      compile('', { module: 'CommonJS', moduleResolution: 'bundler', verbatimModuleSyntax: false }),
    ).toBe('');
    await generate(['--service', '--interface', 'BillingConfig', '--instance', 'billing']);
    expect(compile()).toBe('');
  });

  it('the class reads current values inside Nest and fills placeholders', async () => {
    project.write(constantDocument('limits', 'config', 'json', { items: 3 }));
    project.write(constantDocument('wait.time', 'config', 'duration', 'PT2S'));
    project.write(stringConfig('hi', 'Hello {{name}}, {{{name}}} {{constructor}} {{ other }}'));
    project.write(flag('shop.open', true));
    await generate(['--service']);
    const emit = {
      noEmit: false,
      outDir: join(project.path, 'out'),
      rootDir: join(project.path, 'src'),
    };
    expect(compile('', emit)).toBe('');
    symlinkSync(root, join(project.path, 'node_modules/nestjs-quonfig'));
    for (const name of ['reflect-metadata', 'rxjs', 'tslib']) {
      symlinkSync(join(root, 'node_modules', name), join(project.path, 'node_modules', name));
    }
    writeFileSync(
      join(project.path, 'out/main.js'),
      `
      import 'reflect-metadata';
      import { Module } from '@nestjs/common';
      import { NestFactory } from '@nestjs/core';
      import { QuonfigModule } from 'nestjs-quonfig';
      import { QuonfigConfigs } from ${JSON.stringify(pathToFileURL(join(project.path, 'out/generated/quonfig-configs.js')).href)};
      class AppModule {}
      Module({
        imports: [QuonfigModule.forRoot({ datadir: '.', environment: 'production' })],
        providers: [QuonfigConfigs],
      })(AppModule);
      const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
      const configs = app.get(QuonfigConfigs);
      console.log(JSON.stringify([
        configs.limits(),
        configs.waitTime(),
        configs.shopOpen(),
        configs.hi({ constructor: '1', name: '<b>$&', other: '2' }),
      ]));
      await app.close();
    `,
    );
    const { stdout, stderr } = spawnSync(process.execPath, ['out/main.js'], {
      cwd: project.path,
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({
      stdout: `${JSON.stringify([{ items: 3 }, 2000, true, 'Hello <b>$&, <b>$& 1 2'])}\n`,
      stderr: '',
    });
    rmSync(join(project.path, 'node_modules/nestjs-quonfig'));
  });
});
