import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { QuonfigModuleOptions } from '../../../lib/index.js';
import { Child } from '../../support/child-process.js';
import { type DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { optionsFor, serve, until } from '../../support/networked.js';

const script = fileURLToPath(new URL('../support/cluster-process.mjs', import.meta.url));
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });
const third = envelopeOf({ generation: 3, values: { greeting: 'hola' } });

interface Facts {
  state: string;
  greeting: string;
  logged: string[];
}

/** The primary of a cluster, in a process of its own. It is told one thing at a time. */
class Primary {
  private constructor(readonly child: Child) {}

  static async start(
    server: DeliveryServer,
    options: Partial<QuonfigModuleOptions>,
  ): Promise<Primary> {
    const child = Child.node([script], {
      messages: true,
      env: { QUONFIG_TEST_OPTIONS: JSON.stringify(optionsFor(server, options)) },
    });
    await child.receive();
    return new Primary(child);
  }

  async tell(act: 'fork' | 'resume' | 'end'): Promise<void> {
    await this.ask(act);
  }

  facts(): Promise<Facts> {
    return this.ask('facts') as Promise<Facts>;
  }

  factsOfWorker(): Promise<Facts> {
    return this.ask('worker', 'facts') as Promise<Facts>;
  }

  private async ask(act: string, argument?: string): Promise<unknown> {
    return ((await this.child.ask({ act, argument })) as { result: unknown }).result;
  }
}

async function followsWith(greeting: string, facts: () => Promise<Facts>): Promise<void> {
  await until(async () => expect(await facts()).toMatchObject({ state: 'connected', greeting }));
}

describe('The primary of a cluster', () => {
  it('with cluster "transparent" is untouched by a fork: both processes follow changes', async () => {
    const server = await serve({ envelope: first });
    const primary = await Primary.start(server, { cluster: 'transparent' });
    await followsWith('hello', () => primary.facts());
    await primary.tell('fork');
    await followsWith('hello', () => primary.factsOfWorker());
    expect(server.openStreams).toBe(2);
    expect(server.streamsOpened).toBe(2);
    expect(server.configs.requests).toHaveLength(2);

    server.publish(second);
    await followsWith('bonjour', () => primary.facts());
    await followsWith('bonjour', () => primary.factsOfWorker());
    expect(server.streamsOpened).toBe(2);
    await primary.tell('end');
    await until(() => expect(server.openStreams).toBe(0));
  });

  it('with cluster "suspend-primary" is suspended at its first fork, and only then, until resume()', async () => {
    const server = await serve({ envelope: first });
    const primary = await Primary.start(server, { cluster: 'suspend-primary' });
    await followsWith('hello', () => primary.facts());
    await primary.tell('fork');
    expect((await primary.facts()).state).toBe('disconnected');
    await followsWith('hello', () => primary.factsOfWorker());
    await until(() => expect(server.openStreams).toBe(1));

    server.publish(second);
    await followsWith('bonjour', () => primary.factsOfWorker());
    const suspended = await primary.facts();
    expect(suspended).toMatchObject({ state: 'disconnected', greeting: 'hello' });
    expect(suspended.logged.filter((line) => line.includes('call resume()'))).toHaveLength(1);

    await primary.tell('resume');
    await followsWith('bonjour', () => primary.facts());
    await primary.tell('fork');
    server.publish(third);
    await followsWith('hola', () => primary.facts());
  });

  it('ends by itself when its service is closed', async () => {
    const server = await serve({ envelope: first });
    const primary = await Primary.start(server, { cluster: 'suspend-primary' });
    await followsWith('hello', () => primary.facts());
    await primary.tell('end');
    expect(await primary.child.ended).toEqual({ code: 0, signal: null });
  });
});
