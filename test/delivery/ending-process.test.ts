import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { envelopeOf } from '../support/delivery-server.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';
import { optionsFor, serve } from '../support/networked.js';

const script = fileURLToPath(new URL('./support/ending-process.mjs', import.meta.url));
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
/** Any timer with this delay that is still referenced keeps the process alive past its deadline. */
const ONE_HOUR_MS = 3_600_000;
/** A busy machine needs some seconds to start a process. */
const DEADLINE_MS = 20_000;

const slow: Partial<QuonfigModuleOptions> = {
  initTimeout: ONE_HOUR_MS,
  sseReadDeadlineMs: ONE_HOUR_MS,
  fallbackPollIntervalMs: ONE_HOUR_MS,
  configFetchHedgeDelayMs: ONE_HOUR_MS,
  configFetchHedgeAbortMs: ONE_HOUR_MS,
  telemetryFlushIntervalMs: ONE_HOUR_MS,
};

/** The output of a process once it has exited. Kills the process, and fails, if it does not exit by itself. */
async function outputOf(act: string, options: QuonfigModuleOptions): Promise<string> {
  const child = Child.node([script, act], {
    env: { QUONFIG_TEST_OPTIONS: JSON.stringify(options) },
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  expect(await child.ended, child.output).toEqual({ code: 0, signal: null });
  clearTimeout(deadline);
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
    initTimeout: ONE_HOUR_MS,
  };
}

describe('the exit of a process with long timers', { timeout: 60_000 }, () => {
  it('the process exits once a networked service is closed', async () => {
    const server = await serve({ envelope: first });
    expect(await outputOf('close', optionsFor(server, slow))).toBe('disconnected');
  });

  it('the process exits once a service without stream and polling is closed', async () => {
    const server = await serve({ envelope: first });
    const options = optionsFor(server, { ...slow, enableSSE: false, fallbackPollEnabled: false });
    expect(await outputOf('close', options)).toBe('disconnected');
  });

  it('the process exits once a service with a watched datadir is closed', async () => {
    expect(await outputOf('close', directory())).toBe('disconnected');
  });

  it('the process exits once a service is suspended', async () => {
    const server = await serve({ envelope: first });
    expect(await outputOf('suspend', optionsFor(server, slow))).toBe('disconnected');
    expect(await outputOf('suspend', directory())).toBe('disconnected');
  });

  it('the process exits after the first load has failed', async () => {
    const server = await serve();
    server.configs.answerAlways({ status: 401 });
    expect(await outputOf('fail', optionsFor(server, slow))).toBe('http_error');
    const nowhere = { ...directory(), datadir: '/nowhere' };
    expect(await outputOf('fail', nowhere)).toBe('invalid_workspace');
  });

  it('the process exits after the first load has timed out', async () => {
    const server = await serve();
    server.configs.answerAlways('hold');
    const options = optionsFor(server, { ...slow, initTimeout: 50 });
    expect(await outputOf('fail', options)).toBe('initialization_timeout');
  });

  it('the process exits once a service that started without configs is closed', async () => {
    const server = await serve();
    server.configs.answerAlways({ status: 401 });
    server.stream.answerAlways('hold');
    expect(await outputOf('defaults', optionsFor(server, slow))).toBe('initializing');
  });
});
