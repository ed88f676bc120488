import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { QuonfigService } from '../../../lib/index.js';
import { envelopeOf } from '../../support/delivery-server.js';
import { connectTo, optionsFor, serve } from '../../support/networked.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const INIT_TIMEOUT = 9_000;

/** Waits without a timer, because those of the test are fake. */
async function turnsUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** Listens where the processes meet, and never answers: a leading process that hangs. */
async function hangingLeader(directory: MeetingDirectory, path: string): Promise<() => number> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  expect(directory.files).toHaveLength(1);
  return () => connections;
}

function file(): string {
  const path = mkdtempSync(join(tmpdir(), 'quonfig-deadline-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'saved');
}

describe('initTimeout of a process that leads after a slow election', () => {
  it.each([
    { name: 'fails', persistence: false },
    { name: 'starts from saved configs', persistence: true },
  ])('startup $name after initTimeout, however long the election took', async ({ persistence }) => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const saved = persistence ? { persistence: { file: file() } } : {};
    // Leaves the name of the socket, and saved configs.
    const before = await connectTo(server, directory.options(saved));
    const path = directory.socket;
    await before.service.close();
    const connections = await hangingLeader(directory, path);
    server.configs.answerAlways('hold');
    server.stream.answerAlways('hold');

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const requests = server.configs.requests.length;
    const options = directory.options({ ...saved, initTimeout: INIT_TIMEOUT });
    let outcome: unknown;
    const start = async (): Promise<void> => {
      try {
        const logger = new RecordingLogger();
        const service = await QuonfigService.create(optionsFor(server, { ...options, logger }));
        onTestFinished(() => service.close());
        outcome = service.health().source;
      } catch (error) {
        outcome = (error as { code: string }).code;
      }
    };
    const started = start();
    await turnsUntil(() => connections() === 1);
    // A third of the time, until the leading process counts as hung.
    vi.advanceTimersByTime(INIT_TIMEOUT / 3);
    await turnsUntil(() => server.configs.requests.length > requests);
    vi.advanceTimersByTime((INIT_TIMEOUT * 2) / 3 - 1);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(outcome).toBeUndefined();
    vi.advanceTimersByTime(1);
    await started;
    expect(outcome).toBe(persistence ? 'persistence' : 'initialization_timeout');
  });
});
