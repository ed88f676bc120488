import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { envelopeOf } from '../support/delivery-server.js';
import { optionsFor, proxyTo, serve, until } from '../support/networked.js';

const script = fileURLToPath(new URL('./support/cluster-process.mjs', import.meta.url));
const clock = new URL('./support/clock-after-stop.mjs', import.meta.url).href;
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

async function factsOf(child: Child): Promise<unknown> {
  return ((await child.ask({ act: 'facts' })) as { result: unknown }).result;
}

/** A process that is connected to the server and serves the first envelope; it ends with the test. */
async function follower(
  options: QuonfigModuleOptions,
  execArgv: readonly string[] = [],
): Promise<Child> {
  const child = Child.node([...execArgv, script], {
    messages: true,
    env: { QUONFIG_TEST_OPTIONS: JSON.stringify(options) },
  });
  await child.receive();
  await until(async () =>
    expect(await factsOf(child)).toMatchObject({ state: 'connected', greeting: 'hello' }),
  );
  return child;
}

// Windows has no SIGSTOP and SIGCONT.
describe.skipIf(process.platform === 'win32')('a process that is stopped and continued', () => {
  it('a continued process receives changes even if its stream was dropped while it was stopped', async () => {
    const server = await serve({ envelope: first });
    const child = await follower(optionsFor(server));

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

  it('a continued process reconnects after ten minutes although its silent stream is still open', async () => {
    const server = await serve({ envelope: first });
    const proxy = await proxyTo(server);
    const child = await follower(
      optionsFor(server, { streamUrl: proxy.url, sseReadDeadlineMs: 3_600_000 }),
      ['--import', clock],
    );

    child.kill('SIGSTOP');
    proxy.halfOpen();
    server.publish(second);
    const opened = server.streamsOpened;

    child.kill('SIGCONT');
    await until(async () =>
      expect(await factsOf(child)).toMatchObject({
        state: 'connected',
        greeting: 'bonjour',
        logged: expect.arrayContaining([
          expect.stringMatching(/was frozen for 6\d\d s/),
        ]) as unknown,
      }),
    );
    expect(server.streamsOpened).toBe(opened + 1);
  });
});
