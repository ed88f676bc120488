import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { envelopeOf } from '../support/delivery-server.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';
import { optionsFor, serve } from '../support/networked.js';

const script = fileURLToPath(new URL('./support/ending-process.mjs', import.meta.url));
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
/** Whatever waits for this keeps the process alive for longer than it is given. */
const FOR_LONG = 3_600_000;
/** A busy machine needs some seconds to start a process. */
const PATIENCE_MS = 20_000;

const slow: Partial<QuonfigModuleOptions> = {
  initTimeout: FOR_LONG,
  sseReadDeadlineMs: FOR_LONG,
  fallbackPollIntervalMs: FOR_LONG,
  configFetchHedgeDelayMs: FOR_LONG,
  configFetchHedgeAbortMs: FOR_LONG,
  telemetryFlushIntervalMs: FOR_LONG,
};

/** What a process has written in the end. One that does not end by itself is killed, and this fails. */
async function writtenBy(act: string, options: QuonfigModuleOptions): Promise<string> {
  const child = Child.node([script, act], {
    env: { QUONFIG_TEST_OPTIONS: JSON.stringify(options) },
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  expect(await child.ended, child.output).toEqual({ code: 0, signal: null });
  clearTimeout(patience);
  return child.stdout;
}

function directory(): QuonfigModuleOptions {
  const workspace = createWorkspace();
  onTestFinished(() => workspace.cleanup());
  workspace.writeFile('quonfig.json', '{"environments": ["production"]}');
  workspace.write(stringConfig('greeting', 'hello'));
  return {
    datadir: workspace.path,
    environment: 'production',
    dataDirAutoReload: true,
    initTimeout: FOR_LONG,
  };
}

describe('A process ends by itself, however long its timers are,', { timeout: 60_000 }, () => {
  it('once a service of the network is closed', async () => {
    const server = await serve({ envelope: first });
    expect(await writtenBy('close', optionsFor(server, slow))).toBe('disconnected');
  });

  it('once a service that follows nothing is closed', async () => {
    const server = await serve({ envelope: first });
    const options = optionsFor(server, { ...slow, enableSSE: false, fallbackPollEnabled: false });
    expect(await writtenBy('close', options)).toBe('disconnected');
  });

  it('once a service of a directory is closed', async () => {
    expect(await writtenBy('close', directory())).toBe('disconnected');
  });

  it('once a service is suspended', async () => {
    const server = await serve({ envelope: first });
    expect(await writtenBy('suspend', optionsFor(server, slow))).toBe('disconnected');
    expect(await writtenBy('suspend', directory())).toBe('disconnected');
  });

  it('after a first load that failed', async () => {
    const server = await serve();
    server.configs.answerAlways({ status: 503 });
    expect(await writtenBy('fail', optionsFor(server, slow))).toBe('http_error');
    const nowhere = { ...directory(), datadir: '/nowhere' };
    expect(await writtenBy('fail', nowhere)).toBe('invalid_workspace');
  });

  it('after a first load that took too long', async () => {
    const server = await serve();
    server.configs.answerAlways('hold');
    const options = optionsFor(server, { ...slow, initTimeout: 50 });
    expect(await writtenBy('fail', options)).toBe('initialization_timeout');
  });

  it('once a service that started without configs is closed', async () => {
    const server = await serve();
    server.configs.answerAlways({ status: 503 });
    server.stream.answerAlways('hold');
    expect(await writtenBy('defaults', optionsFor(server, slow))).toBe('initializing');
  });
});
