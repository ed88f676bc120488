import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigService } from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { temporaryDirectory, Workspace } from '../../support/workspace.js';
import { runCli, type RunResult } from '../command-line.js';

const root = resolve(import.meta.dirname, '../../..');

/** What `nest new` generates. */
const APP_MODULE = `import { Module } from '@nestjs/common';
import { AppController } from './app.controller';
import { AppService } from './app.service';

@Module({
  imports: [],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`;

let project: Workspace;

beforeEach(() => {
  project = new Workspace(temporaryDirectory());
  onTestFinished(() => project.cleanup());
  mkdirSync(join(project.path, 'node_modules'));
  symlinkSync(join(root, 'node_modules/typescript'), join(project.path, 'node_modules/typescript'));
  symlinkSync(root, join(project.path, 'node_modules/nestjs-quonfig'));
});

function init(...args: string[]): Promise<RunResult> {
  return runCli(['init', ...args], { cwd: project.path });
}

const read = (file: string): string => readFileSync(join(project.path, file), 'utf8');

describe('nestjs-quonfig init', () => {
  it('init creates a workspace that verify accepts and the SDK reads', async () => {
    const { code, stderr } = await init();
    expect(code).toBe(0);
    expect(stderr).toMatch(/^created our-config\/quonfig\.json\n/);
    expect(await runCli(['verify', '--strict'], { cwd: project.path })).toMatchObject({ code: 0 });
    const quonfig = await QuonfigService.create({
      datadir: join(project.path, 'our-config'),
      environment: 'development',
      logger: new RecordingLogger(),
    });
    expect(quonfig.getString('welcome.text', { user: { plan: 'pro' } })).toBe('Welcome back');
    expect(quonfig.isEnabled('welcome.banner')).toBe(true);
    await quonfig.close();
  });

  it('the files of a new workspace refer to the JSON Schemas of the package, wherever the workspace is', async () => {
    await init('--datadir', 'config/ws');
    for (const file of ['config/ws/quonfig.json', 'config/ws/configs/welcome.text.json']) {
      const { $schema } = JSON.parse(read(file)) as { $schema: string };
      const schema = readFileSync(resolve(project.path, file, '..', $schema), 'utf8');
      expect(JSON.parse(schema)).toHaveProperty('title');
    }
  });

  it('init prints the import of the module as a diff that git applies, and changes nothing', async () => {
    project.writeFile('src/app.module.ts', APP_MODULE);
    const { stdout, stderr } = await init();
    expect(stdout).toBe(`--- a/src/app.module.ts
+++ b/src/app.module.ts
@@ -1,9 +1,16 @@
 import { Module } from '@nestjs/common';
 import { AppController } from './app.controller';
 import { AppService } from './app.service';
+import { QuonfigModule } from 'nestjs-quonfig';
 
 @Module({
-  imports: [],
+  imports: [
+    QuonfigModule.forRoot({
+      datadir: './our-config',
+      environment: process.env.QUONFIG_ENVIRONMENT ?? 'development',
+      dataDirAutoReload: true,
+    }),
+  ],
   controllers: [AppController],
   providers: [AppService],
 })
`);
    expect(stderr).toMatch(/nothing in src\/app\.module\.ts was changed/);
    expect(read('src/app.module.ts')).toBe(APP_MODULE);
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: resolve(project.path, '..') };
    const { status } = spawnSync('git', ['apply', '-'], { cwd: project.path, input: stdout, env });
    expect(status).toBe(0);
    expect(read('src/app.module.ts')).toContain("import { QuonfigModule } from 'nestjs-quonfig';");
  });

  it('--apply writes the import', async () => {
    project.writeFile('src/root.module.ts', APP_MODULE);
    const { stderr } = await init('--apply', '--module', 'src/root.module.ts', '--datadir', 'ws');
    expect(stderr).toContain('changed src/root.module.ts\n');
    expect(read('src/root.module.ts')).toContain("datadir: './ws',");
  });

  it.each([
    ['  imports: [A, B],', '  imports: [\n    Q,\n    A,\n    B,\n  ],'],
    ['  imports: [\n      A,\n      B\n  ],', '  imports: [\n      Q,\n      A,\n      B\n  ],'],
    ['  imports: shared,', '  imports: [\n    Q,\n    ...shared,\n  ],'],
    ['', '  imports: [\n    Q,\n  ],\n'],
    ["  'imports': [A] as const,", "  'imports': [\n    Q,\n    A,\n  ] as const,"],
  ])('init keeps existing imports: %j', async (written, expected) => {
    project.writeFile(
      'src/app.module.ts',
      `import { A } from "./a"\n\n@Module({\n${written}\n})\nexport class AppModule {}\n`,
    );
    await init('--apply');
    const text = read('src/app.module.ts').replace(/QuonfigModule\.forRoot\(\{[^]*?\}\)/, 'Q');
    expect(text).toBe(
      `import { A } from "./a"\nimport { QuonfigModule } from "nestjs-quonfig"\n\n@Module({\n${expected}\n})\nexport class AppModule {}\n`,
    );
  });

  it('a module that already has the import is left unchanged', async () => {
    project.writeFile('src/app.module.ts', `${APP_MODULE}// QuonfigModule\n`);
    const { stdout, stderr } = await init('--apply');
    expect(stdout).toBe('');
    expect(stderr).toContain('src/app.module.ts already mentions QuonfigModule');
  });

  it('without a root module, or without TypeScript, init prints the lines to add', async () => {
    expect((await init('--datadir', 'one')).stdout).toContain(
      'QuonfigModule.forRoot({\n  datadir: ',
    );
    project.writeFile('src/app.module.ts', APP_MODULE);
    project.remove('node_modules/typescript');
    const { code, stdout, stderr } = await init('--datadir', 'two');
    expect(code).toBe(0);
    expect(stdout).toContain("datadir: './two',");
    expect(stderr).toContain('TypeScript is not installed');
  });

  it('init overwrites no existing file', async () => {
    project.writeFile('our-config/configs/welcome.text.json', 'mine');
    const { code, stderr } = await init();
    expect(code).toBe(1);
    expect(stderr).toMatch(/welcome\.text\.json exists, and init never overwrites a file/);
    expect(() => read('our-config/quonfig.json')).toThrow('ENOENT');
    project.writeFile('ws/quonfig.json', '{}');
    expect((await init('--datadir', 'ws')).stderr).toMatch(/ws already has a quonfig\.json/);
  });

  it.each([
    ['where the system creates nothing', '/proc/nowhere/ws', 'ENOENT'],
    ['below a file', 'package.json/ws', 'ENOTDIR'],
    ['in place of a file', 'package.json', 'ENOTDIR'],
  ])('a workspace %s is an error that names the file', async (_where, datadir, code) => {
    if (datadir.startsWith('/proc') && process.platform !== 'linux') return;
    project.writeFile('package.json', '{}');
    expect(await init('--datadir', datadir)).toEqual({
      code: 1,
      stdout: '',
      stderr: `nestjs-quonfig init: ${datadir}/quonfig.json cannot be written (${code}). Make sure that you may write there.\n`,
    });
  });
});
