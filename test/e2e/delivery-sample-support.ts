import { fileURLToPath } from 'node:url';
import type { QuonfigHealth } from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { jsonEvents } from '../support/json-events.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Generous: the library and the sample are compiled before it listens. */
export const START_TIMEOUT_MS = 120_000;

export interface Board {
  rows: { title: string; onePageCheckout: boolean; headline: string }[];
  health: QuonfigHealth;
}

/** The sample, running in its own process group. */
export interface DeliverySample {
  url: string;
  /** The URL that controls the local delivery server. */
  controlUrl: string;
  /** Everything printed so far. */
  output(): string;
  health(): Promise<{ status: number; body: QuonfigHealth }>;
  /** Presses a button of the page. */
  press(action: string, change?: { key: string; value: unknown }): Promise<void>;
  /** The boards that the page receives, until the signal aborts. */
  boards(signal: AbortSignal): AsyncGenerator<Board>;
  /** Signals the whole process group, as a terminal does at Ctrl+C; resolves when all output is closed. */
  stop(signal: NodeJS.Signals): Promise<void>;
  child: Child;
}

/** Runs `npm run demo:delivery` in its own process group, and resolves once it has printed its URL. */
export async function startDeliverySample(): Promise<DeliverySample> {
  const child = Child.start('npm', ['run', 'demo:delivery'], {
    cwd: root,
    group: true,
    env: { NO_COLOR: '1', PORT: '0' },
  });
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await child.ended;
  };
  const [url, controlUrl] = await Promise.all([
    child.printed(/Open +(http:\/\/127\.0\.0\.1:\d+)\s/, START_TIMEOUT_MS),
    child.printed(/curl -X POST (http:\/\/127\.0\.0\.1:\d+)\/stop/, START_TIMEOUT_MS),
  ])
    .then((matches) => matches.map((match) => match[1]!) as [string, string])
    .catch(async (error: unknown) => {
      await stop('SIGKILL');
      throw error;
    });

  return {
    url,
    controlUrl,
    output: () => child.output,
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
    child,
    boards: (signal) => jsonEvents<Board>(`${url}/events`, signal),
    stop,
  };
}
