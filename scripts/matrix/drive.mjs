import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanEnvironment, writeFiles } from './command.mjs';
import { Delivery, greetingFile, sdkKey, workspaceOf } from './workspace.mjs';

/** The deadline of each step. */
const DEADLINE_MS = 20_000;

/**
 * Starts an application, reads a config from it over HTTP, publishes an update, and stops it with SIGTERM.
 * Fails with the step that went wrong and what the application printed.
 *
 * @param {Command} command starts `src/main.ts` of `applicationFiles`
 * @param {{ adapter?: string, deadlineMs?: number }} [options]
 *
 * @typedef {object} Command
 * @property {string} file
 * @property {readonly string[]} args
 * @property {string} cwd
 * @property {Record<string, string | undefined>} [env] further variables; `undefined` removes one
 * @property {number} [uid] the user that runs the application
 */
export async function drive(command, { adapter = 'express', deadlineMs = DEADLINE_MS } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'quonfig-cell-'));
  const delivery = await Delivery.start('Hello');
  let application;
  try {
    await writeFiles(folder, workspaceOf('Hello'));
    await chmod(folder, 0o755);
    application = new Application(command, {
      ADAPTER: adapter,
      DELIVERY_URL: delivery.url,
      SDK_KEY: sdkKey,
      WORKSPACE: join(folder, 'workspace'),
    });
    await check(application, delivery, folder, deadlineMs);
  } catch (error) {
    throw new Error(`${error.message}\n${application?.output ?? ''}`.trim(), { cause: error });
  } finally {
    application?.kill('SIGKILL');
    delivery.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function check(application, delivery, folder, deadlineMs) {
  const within = (step, probe) => eventually(`It ${step}`, probe, application, deadlineMs);
  const url = await within('does not start', () => application.url);
  const read = async (user) => {
    const signal = AbortSignal.timeout(deadlineMs);
    return (await fetch(`${url}/greeting/${user}`, { signal })).json();
  };
  const reads = (user, expected) => async () => {
    const greeting = await read(user);
    if (greeting.directory === expected && greeting.network === expected) return greeting;
    throw new Error(`it reads ${JSON.stringify(greeting)} for ${user}`);
  };
  await within('reads a wrong value', reads('anna', 'Hello Anna'));
  await within('reads a wrong value', reads('bert', 'Hello'));
  await writeFile(join(folder, greetingFile), workspaceOf('Welcome')[greetingFile]);
  delivery.publish('Welcome');
  const { updated } = await within('gets no update', reads('bert', 'Welcome'));
  if (updated.join() !== 'datadir,stream') throw new Error(`Its handlers got: ${updated}`);
  application.kill('SIGTERM');
  await within('does not stop on SIGTERM', () => application.ended);
  const { code, signal } = application.ended;
  const stopped = signal === 'SIGTERM' || code === 0 || code === 143;
  if (!stopped) throw new Error(`It ends with exit code ${code}, signal ${signal}`);
  if (!/^stopped$/m.test(application.output)) throw new Error('Its shutdown hooks did not run');
}

/** Probes until the result is truthy; fails when the application ends first or the deadline passes. */
async function eventually(failure, probe, application, deadlineMs) {
  const deadline = performance.now() + deadlineMs;
  let reason = '';
  do {
    const ended = application.ended;
    try {
      const result = await probe();
      if (result) return result;
    } catch (error) {
      reason = `: ${error.message}`;
    }
    if (ended) throw new Error(`${failure}: it ends with ${ended.code ?? ended.signal}`);
    await sleep(50);
  } while (performance.now() < deadline);
  throw new Error(failure + reason);
}

class Application {
  output = '';
  /** How the process ended, once it has. */
  ended;
  #process;

  constructor({ file, args, cwd, env, uid }, variables) {
    const all = { ...cleanEnvironment(), ...env, ...variables };
    const identity = uid === undefined ? {} : { uid, gid: uid };
    const stdio = ['ignore', 'pipe', 'pipe'];
    this.#process = spawn(file, args, { cwd, env: all, stdio, ...identity });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    }
    this.#process.on('error', (error) => {
      this.output += error.message;
      this.ended = { code: error.code, signal: null };
    });
    const kill = () => this.kill('SIGKILL');
    process.once('exit', kill);
    this.#process.on('close', (code, signal) => {
      process.off('exit', kill);
      this.ended = { code, signal };
    });
  }

  get url() {
    return /listening on (\S+)/.exec(this.output)?.[1];
  }

  kill(signal) {
    this.#process.kill(signal);
  }
}
