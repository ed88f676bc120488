import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cliPackages, nestNew } from '../../../scripts/matrix/nest-new.mjs';
import { pageNamed } from '../../docs/page.js';
import { Child } from '../../support/child-process.js';
import { Consumer, pack, workspaceFiles } from '../consumer.js';

/** The settings for Jest in docs/troubleshooting.md: for Nest 11, then for Nest 12. */
const jestSettings = pageNamed('docs/troubleshooting.md')
  .blocks.filter(({ heading, language }) => heading === 'Jest' && language === 'json')
  .map(({ code }) => (JSON.parse(code) as Manifest).jest);

interface Manifest {
  readonly jest: Record<string, unknown>;
}

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-nest-new-'));
  tarball = await pack(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The files that a user writes into the generated application. */
const filesFor = (extension: string): Record<string, string> => ({
  ...workspaceFiles,
  'src/app.service.ts': `import { Injectable } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';

@Injectable()
export class AppService {
  constructor(private readonly quonfig: QuonfigService) {}

  getHello(): string {
    return this.quonfig.getString('greeting', { user: { key: 'anna' } });
  }
}
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';
import { QuonfigModule } from 'nestjs-quonfig';
import { AppController } from './app.controller${extension}';
import { AppService } from './app.service${extension}';

@Module({
  imports: [QuonfigModule.forRoot({ datadir: './workspace', environment: 'production' })],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`,
  'src/app.controller.spec.ts': `import { Test } from '@nestjs/testing';
import { QuonfigService } from 'nestjs-quonfig';
import { createTestQuonfig } from 'nestjs-quonfig/testing';
import { AppController } from './app.controller${extension}';
import { AppModule } from './app.module${extension}';

describe('AppController', () => {
  it('greets with the value of the config', async () => {
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    expect(app.get(AppController).getHello()).toBe('Hello Anna');
    expect(app.get(QuonfigService).keys()).toEqual(['greeting']);
    await app.close();
  });

  it('greets with the value that the test sets', async () => {
    const quonfig = createTestQuonfig({ greeting: 'Hello test', limits: { items: 20 } });
    const app = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(QuonfigService)
      .useValue(quonfig)
      .compile();
    const controller = app.get(AppController);
    quonfig.setFor({ user: { key: 'anna' } }, 'greeting', 'Hello Anna of the test');
    expect(controller.getHello()).toBe('Hello Anna of the test');
    expect(quonfig.getJSON('limits')).toEqual({ items: 20 });
    const inside = await quonfig.with({ greeting: 'Hello you' }, async () => controller.getHello());
    expect(inside).toBe('Hello you');
    expect(() => quonfig.getString('greting')).toThrow('Did you mean "greeting"?');
    await app.close();
  });
});
`,
});

/** Generates an application with the configuration of `nest new`, and adds the package. */
async function generate(major: number, extension: string): Promise<Consumer> {
  const cli = await Consumer.create({ 'package.json': '{ "private": true }' });
  const application = await Consumer.create({});
  try {
    await cli.install(cliPackages(major));
    await nestNew(cli.path, application.path);
    await application.write(filesFor(extension));
    await application.install([tarball]);
  } finally {
    await cli.remove();
  }
  return application;
}

describe.each([
  { major: 11, extension: '' },
  { major: 12, extension: '.js' },
])('an application that `nest new` of Nest $major generates', ({ major, extension }) => {
  let application: Consumer;

  beforeAll(async () => {
    application = await generate(major, extension);
  });

  afterAll(() => application.remove());

  it.runIf(major === 11)('Jest cannot load the package without settings', async () => {
    await expect(application.run('npm', ['test'])).rejects.toThrow(
      /import.*ES Module.*nestjs-quonfig/,
    );
  });

  it('npm test passes, on Nest 11 with the settings of docs/troubleshooting.md', async () => {
    if (major === 11) await configureJest(application, jestSettings[0]!);
    await application.run('npm', ['test']);
  });

  it('npm run build and npm run start:prod work', async () => {
    await application.run('npm', ['run', 'build']);
    const port = await unusedPort();
    const server = Child.start('npm', ['run', 'start:prod'], {
      cwd: application.path,
      env: { PORT: String(port), NO_COLOR: '1' },
      group: true,
    });
    try {
      await server.printed(/successfully started/);
      // Nest prints the line before it listens.
      const greeting = async (): Promise<string> =>
        (await fetch(`http://127.0.0.1:${port}`)).text();
      await vi.waitFor(async () => expect(await greeting()).toBe('Hello Anna'), 10_000);
    } finally {
      server.kill('SIGTERM');
      await server.ended;
    }
  });

  it.runIf(major === 12)('Jest runs with the settings of docs/troubleshooting.md', async () => {
    await application.install(['jest@30', 'ts-jest@29']);
    await configureJest(application, jestSettings[1]!);
    const jest = join('node_modules', '.bin', 'jest');
    await application.run(process.execPath, ['--experimental-vm-modules', jest, 'src']);
  });
});

async function configureJest(application: Consumer, settings: Manifest['jest']): Promise<void> {
  const manifest = JSON.parse(await application.read('package.json')) as Manifest;
  const jest = { ...manifest.jest, ...settings };
  await application.write({ 'package.json': JSON.stringify({ ...manifest, jest }) });
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
