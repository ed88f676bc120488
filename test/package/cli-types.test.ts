import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/workspace.js';
import { Consumer, pack } from './consumer.js';

/** An application that reads the example that `init` creates. */
const APPLICATION = `import { Injectable } from '@nestjs/common';
import { QuonfigService, RequireFlag } from 'nestjs-quonfig';
import { QuonfigConfigs } from './generated/quonfig-configs.js';

@Injectable()
export class Welcome {
  constructor(private readonly quonfig: QuonfigService, private readonly configs: QuonfigConfigs) {}

  @RequireFlag('welcome.banner')
  text(): string {
    return this.configs.welcomeText() + this.quonfig.getString('welcome.text');
  }
}
`;

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    module: 'NodeNext',
    target: 'ES2022',
    types: ['node'],
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    noEmit: true,
  },
  include: ['src'],
});

let packed: string;
let consumer: Consumer;
const cli = (...args: string[]): Promise<string> =>
  consumer.run(process.execPath, [join('node_modules/nestjs-quonfig/dist/cli/main.js'), ...args]);

beforeAll(async () => {
  packed = temporaryDirectory();
  consumer = await Consumer.create({
    'package.json': '{ "name": "consumer", "type": "module" }',
    'tsconfig.json': TSCONFIG,
    'src/welcome.ts': APPLICATION,
  });
  await consumer.link(await pack(packed), ['typescript', '@types/node']);
});
afterAll(async () => {
  await consumer.remove();
  await rm(packed, { recursive: true, force: true });
});

describe('the command of the packed package', { timeout: 120_000 }, () => {
  it('the command of the packed package creates a workspace, generates types that compile, and finds what no code mentions', async () => {
    await cli('init');
    await cli('verify', '--strict');
    await cli('generate', '--service');
    await consumer.compile('typescript', '.');
    await cli('generate', '--service', '--check');
    await expect(cli('unused')).rejects.toThrow(/log-level\.app/);
    await cli('unused', '--ignore', 'log-level.*');
    expect(await cli('diff', 'development', 'production')).toContain('welcome.banner');
  });
});
