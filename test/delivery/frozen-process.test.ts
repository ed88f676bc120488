import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { optionsFor, serve, until } from './support/networked.js';

const script = fileURLToPath(new URL('./support/cluster-process.mjs', import.meta.url));
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

async function factsOf(child: ChildProcess): Promise<unknown> {
  const answer = once(child, 'message');
  child.send({ act: 'facts' });
  const [{ result }] = (await answer) as [{ result: unknown }];
  return result;
}

// Windows has no such signals.
describe.skipIf(process.platform === 'win32')('A process that was stopped and goes on', () => {
  it('reads what was published meanwhile, although its stream is gone', async () => {
    const server = await serve({ envelope: first });
    const env = {
      ...process.env,
      QUONFIG_TEST_OPTIONS: JSON.stringify(optionsFor(server)),
    };
    const child = fork(script, { env });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'message');
    await until(async () =>
      expect(await factsOf(child)).toMatchObject({ state: 'connected', greeting: 'hello' }),
    );

    child.kill('SIGSTOP');
    server.dropStreams();
    await until(() => expect(server.openStreams).toBe(0));
    server.publish(second);
    const opened = server.streamsOpened;

    child.kill('SIGCONT');
    await until(async () =>
      expect(await factsOf(child)).toMatchObject({ state: 'connected', greeting: 'bonjour' }),
    );
    expect(server.streamsOpened).toBe(opened + 1);
  });
});
