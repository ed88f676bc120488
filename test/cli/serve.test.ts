import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { createWorkspace, stringConfig, type Workspace } from '../support/workspace.js';
import { BUILT_COMMAND, runHere } from './command-line.js';

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace({
    environments: ['development', 'production'],
    configs: [stringConfig('title', 'Hello')],
  });
});
afterEach(() => workspace.cleanup());

const serve = (args: string[], env: Record<string, string> = {}): Child =>
  Child.node([BUILT_COMMAND, 'serve', '--datadir', workspace.path, '--port', '0', ...args], {
    env,
  });

/** Connects as the printed line says. */
async function connect(child: Child, sdkKey?: string): Promise<QuonfigService> {
  const [, key, url] = await child.printed(/sdkKey: (.+?), apiUrls: \['(.+?)'\]/);
  return QuonfigService.create({
    sdkKey: sdkKey ?? key!.replaceAll("'", ''),
    apiUrls: [url!],
    streamUrl: url!,
    collectEvaluationSummaries: false,
    contextUploadMode: 'none',
    onTerminalFailure: 'stop',
    logger: { warn: () => {}, error: () => {} },
  });
}

describe('nestjs-quonfig serve', () => {
  it('an application with the printed line reads the workspace and follows its changes', async () => {
    const child = serve([]);
    const quonfig = await connect(child);
    try {
      expect(child.output).toContain('(development) at http://127.0.0.1:');
      expect(quonfig.getString('title')).toBe('Hello');
      const changed = new Promise((resolve) => quonfig.updates$.subscribe(resolve));
      workspace.write(stringConfig('title', 'Good day'));
      await changed;
      expect(quonfig.getString('title')).toBe('Good day');
    } finally {
      await quonfig.close();
    }
    child.kill('SIGINT');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  it('a key from a variable is never printed, and other keys are refused', async () => {
    const key = 'a key of more than 16 characters';
    const child = serve(['--environment', 'production', '--key-env', 'LOCAL_KEY'], {
      LOCAL_KEY: key,
    });
    const quonfig = await connect(child, key);
    expect(quonfig.getString('title')).toBe('Hello');
    await quonfig.close();
    expect(child.output).toContain('sdkKey: process.env.LOCAL_KEY');
    expect(child.output).not.toContain(key);
    await expect(connect(child, 'another key of that length')).rejects.toThrow(/401/);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(child.output)!;
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    child.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  it('with --allow-non-loopback, it listens on every address and prints one that clients can use', async () => {
    const child = serve(['--host', '0.0.0.0', '--allow-non-loopback']);
    const quonfig = await connect(child);
    expect(quonfig.getString('title')).toBe('Hello');
    await quonfig.close();
    child.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
  });

  it('a port in use is reported in one line with the remedy', async () => {
    const first = serve([]);
    const [, port] = await first.printed(/127\.0\.0\.1:(\d+)/);
    const args = [BUILT_COMMAND, 'serve', '--datadir', workspace.path, '--port', port!];
    const second = Child.node(args);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.output).toBe(
      `nestjs-quonfig serve: port ${port} of 127.0.0.1 is in use. Choose another one with --port.\n`,
    );
  });

  it.each([
    [['--host', '0.0.0.0'], 2, /not a loopback address.*--allow-non-loopback/],
    [['--port', 'http'], 2, /--port needs a number/],
    [['--key-env', 'NOT_SET'], 1, /does not contain a key of at least 16 characters/],
    [['--environment', 'prodution'], 2, /Did you mean production\?/],
  ])('%j ends with exit code %i and names the remedy', async (args, code, message) => {
    const result = await runHere(['serve', '--datadir', workspace.path, ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
  });

  it('a broken file ends serve with one line that names the file', async () => {
    workspace.writeFile('configs/broken.json', '{');
    const child = serve([]);
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expect(child.output.trimEnd().split('\n')).toHaveLength(1);
    expect(child.output).toContain('broken.json:1:');
  });
});
