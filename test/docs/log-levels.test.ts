import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Child } from '../support/child-process.js';
import { pageNamed } from './page.js';
import { Project } from './typescript.js';

const files = pageNamed('docs/log-levels.md').blocks.filter(({ file }) => file !== undefined);

/** Runs in the application of the page: logs the calls of a message and replies with what was written. */
const preload = `import { ConsoleLogger, Logger } from '@nestjs/common';
import { Server } from 'node:net';

const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  this.once('listening', () => process.send('listening'));
  return listen.call(this, 0, '127.0.0.1', ...args.filter((arg) => typeof arg === 'function'));
};

function written(calls) {
  const lines = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = (text) => lines.push(stream.fd + text);
  for (const { level, context, args } of calls) {
    new Logger(context)[level](...args);
  }
  streams.forEach((stream, index) => void (stream.write = writes[index]));
  return lines.map((line) => line.replace(/\\[Nest\\].*?[AP]M +/, '').replace(/ \\+\\d+ms$/m, ''));
}

process.on('message', ({ calls, plain }) => {
  const page = Logger.staticInstanceRef;
  if (plain) Logger.overrideLogger(new ConsoleLogger());
  process.send(written(calls));
  Logger.overrideLogger(page);
});
process.once('SIGTERM', () => process.exit());
`;

interface Call {
  readonly level: string;
  readonly context?: string;
  readonly args: readonly unknown[];
}

const levels = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];
const stack = 'Error: why\n    at cart (/srv/cart.js:3:7)\n    at main (/srv/main.js:1:1)';
const argumentLists: Record<string, readonly unknown[]> = {
  'a message alone': ['message'],
  'an object as the message': [{ items: 3 }],
  'more parameters': ['message', { items: 3 }, 'and text', 4],
  'a stack': ['message', stack],
  'a stack and a context': ['message', stack, 'CartService'],
  'an undefined stack and a context': ['message', undefined, 'CartService'],
  'a context and a stack': ['message', 'CartService', stack],
  'a context as the last parameter': ['message', { items: 3 }, 'CartService'],
};

describe('the application of docs/log-levels.md', () => {
  let project: Project;
  let child: Child;

  const ask = (calls: readonly Call[], plain = false): Promise<string[]> =>
    child.ask({ calls, plain }) as Promise<string[]>;
  const levelsFor = async (context?: string): Promise<string[]> => {
    const calls = levels.map((level) => ({ level, args: [level], ...(context && { context }) }));
    return (await ask(calls)).map((line) => /([a-z]+)\n$/.exec(line)![1]!);
  };

  beforeAll(async () => {
    project = await Project.create(
      new Map([
        ...files.map(({ file, code }) => [file!, code] as const),
        ['workspace/quonfig.json', '{ "environments": ["production"] }'],
        ['preload.mjs', preload],
      ]),
    );
    expect(await project.compile()).toEqual([]);
    const { folder } = project;
    child = Child.start(
      process.execPath,
      ['--import', `file://${folder}/preload.mjs`, join(folder, 'dist', 'main.js')],
      { cwd: folder, messages: true, env: { NO_COLOR: '1', NEST_LOG_LEVEL: '' } },
    );
    expect(await child.receive()).toBe('listening');
  }, 60_000);

  afterAll(async () => {
    child.kill('SIGKILL');
    await child.ended;
    await project.remove();
  });

  it('each level of Nest is filtered by the level of its context', async () => {
    expect(await levelsFor('OrderService')).toEqual(['fatal', 'error', 'warn', 'log']);
    expect(await levelsFor('CartService')).toEqual(['fatal', 'error', 'warn', 'log', 'debug']);
    expect(await levelsFor()).toEqual(['fatal', 'error', 'warn', 'log']);
  });

  it('a context passed to the call itself selects the level', async () => {
    const calls = [
      { level: 'debug', args: ['message', { items: 3 }, 'CartService'] },
      { level: 'debug', args: ['message', { items: 3 }, 'OrderService'] },
    ];
    expect(await ask(calls)).toEqual(await ask(calls.slice(0, 1), true));
  });

  it.each(Object.keys(argumentLists))('QuonfigLogger prints %s just like Nest', async (name) => {
    const args = argumentLists[name]!;
    const printed = levels.filter((level) => level !== 'verbose');
    const calls = printed.map((level) => ({ level, context: 'CartService', args }));
    const plain = await ask(calls, true);
    expect(plain.length).toBeGreaterThanOrEqual(calls.length);
    expect(await ask(calls)).toEqual(plain);
  });

  it('an error without a context is logged with its stack', async () => {
    const calls = [{ level: 'error', args: ['message', stack] }];
    expect(await ask(calls)).toEqual(await ask(calls, true));
  });

  it('a config change applies without a restart', async () => {
    const path = join(project.folder, 'workspace', 'log-levels', 'shop.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"info"', '"trace"'));
    await vi.waitFor(async () => expect(await levelsFor('OrderService')).toEqual(levels), {
      timeout: 10_000,
      interval: 100,
    });
  });
});
