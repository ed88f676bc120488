import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { connectTo, optionsFor, serve, until } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const MEMBER = fileURLToPath(new URL('../support/member-process.mjs', import.meta.url));
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

/** A thread with a service. */
class Thread {
  private constructor(private readonly worker: Worker) {}

  static async start(server: DeliveryServer, directory: MeetingDirectory): Promise<Thread> {
    const workerData: unknown = optionsFor(server, directory.options());
    const worker = new Worker(MEMBER, { workerData });
    onTestFinished(async () => void (await worker.terminate()));
    await once(worker, 'message');
    return new Thread(worker);
  }

  facts(): Promise<unknown> {
    return this.ask('facts');
  }

  async end(): Promise<void> {
    const exit = once(this.worker, 'exit');
    this.worker.postMessage({ act: 'end' }, []);
    expect(await exit).toEqual([0]);
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  private async ask(act: string): Promise<unknown> {
    const reply = once(this.worker, 'message');
    this.worker.postMessage({ act }, []);
    const [{ result }] = (await reply) as [{ result: unknown }];
    return result;
  }
}

describe('worker threads that share one stream', { timeout: 60_000 }, () => {
  it('threads start and receive updates through the main thread', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const { service } = await connectTo(server, directory.options());
    const threads = [await Thread.start(server, directory), await Thread.start(server, directory)];
    server.publish(second);
    for (const thread of threads) {
      await until(async () =>
        expect(await thread.facts()).toMatchObject({
          greeting: 'bonjour',
          state: 'connected',
          cluster: 'via leader',
        }),
      );
    }
    expect(service.health().cluster).toBe('leader');
    expect(server.configs.requests).toHaveLength(1);
    expect(server.streamsOpened).toBe(1);
    for (const thread of threads) await thread.end();
  });

  it('a thread leads until the main thread does, and another one takes over when it is terminated', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const one = await Thread.start(server, directory);
    const two = await Thread.start(server, directory);
    await until(async () =>
      expect(await one.facts()).toMatchObject({ cluster: 'leader', state: 'connected' }),
    );
    await one.terminate();
    await until(async () =>
      expect(await two.facts()).toMatchObject({ cluster: 'leader', state: 'connected' }),
    );
    const { service } = await connectTo(server, directory.options());
    await until(() => expect(service.health().cluster).toBe('leader'));
    await until(async () =>
      expect(await two.facts()).toMatchObject({ cluster: 'via leader', state: 'connected' }),
    );
    await until(() => expect(server.openStreams).toBe(1));
  });
});
