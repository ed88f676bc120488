import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { QuonfigHealth } from '../../lib/index.js';

const sample = fileURLToPath(new URL('../../sample/02-delivery', import.meta.url));

/** Generous: the sample is compiled before it listens. */
export const START_LIMIT_MS = 60_000;

export interface Board {
  rows: { title: string; onePageCheckout: boolean; headline: string }[];
  health: QuonfigHealth;
}

/** The sample, running in a process group of its own. */
export interface DeliverySample {
  url: string;
  /** Where the local delivery server is told what to do. */
  controlUrl: string;
  /** Everything printed so far. */
  output(): string;
  health(): Promise<{ status: number; body: QuonfigHealth }>;
  /** Presses a button of the page. */
  press(action: string, change?: { key: string; value: unknown }): Promise<void>;
  /** The boards that the page is sent, until the signal aborts. */
  boards(signal: AbortSignal): AsyncGenerator<Board>;
  /** Signals the whole process group, as a terminal does at Ctrl+C; resolves when all output is closed. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Runs `npm start` in the sample, and resolves when it has printed what to open. */
export async function startDeliverySample(): Promise<DeliverySample> {
  const child = spawn('npm', ['start'], {
    cwd: sample,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', PORT: '0' },
  });
  let printed = '';
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // The group has ended already.
    }
    await closed;
  };

  const [url, controlUrl] = await new Promise<[string, string]>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}\n${printed}`));
    const limit = setTimeout(() => fail('The sample printed no address in time:'), START_LIMIT_MS);
    const collect = (chunk: Buffer): void => {
      printed += chunk.toString();
      const open = /Open +(http:\/\/127\.0\.0\.1:\d+)\s/.exec(printed)?.[1];
      const control = /curl -X POST (http:\/\/127\.0\.0\.1:\d+)\/stop/.exec(printed)?.[1];
      if (open === undefined || control === undefined) return;
      clearTimeout(limit);
      resolve([open, control]);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => fail(error.message));
    void closed.then(() => fail('The sample ended before it listened:'));
  }).catch(async (error: unknown) => {
    await stop('SIGKILL');
    throw error;
  });

  return {
    url,
    controlUrl,
    output: () => printed,
    health: async () => {
      const response = await fetch(`${url}/health`);
      return { status: response.status, body: (await response.json()) as QuonfigHealth };
    },
    press: async (action, change) => {
      const response = await fetch(`${url}/control/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: change && JSON.stringify(change),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
    },
    boards: (signal) => boardsOf(url, signal),
    stop,
  };
}

async function* boardsOf(url: string, signal: AbortSignal): AsyncGenerator<Board> {
  const response = await fetch(`${url}/events`, { signal });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const line = event.split('\n').find((candidate) => candidate.startsWith('data:'));
      if (line !== undefined) yield JSON.parse(line.slice('data:'.length)) as Board;
    }
  }
}
