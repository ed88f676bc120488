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

/** The primary of a cluster in its own process. Accepts one command at a time. */
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

  async command(act: 'fork' | 'resume' | 'end'): Promise<void> {
    await this.ask(act);
  }

  facts(): Promise<Facts> {
    return this.ask('facts') as Promise<Facts>;
  }

  workerFacts(): Promise<Facts> {
    return this.ask('worker', 'facts') as Promise<Facts>;
  }

  private async ask(act: string, argument?: string): Promise<unknown> {
    return ((await this.child.ask({ act, argument })) as { result: unknown }).result;
  }
}

async function connectedWith(greeting: string, facts: () => Promise<Facts>): Promise<void> {
  await until(async () => expect(await facts()).toMatchObject({ state: 'connected', greeting }));
}

describe('the primary of a cluster', () => {
  it('with cluster "transparent", primary and worker both receive changes after a fork', async () => {
    const server = await serve({ envelope: first });
    const primary = await Primary.start(server, { cluster: 'transparent' });
    await connectedWith('hello', () => primary.facts());
    await primary.command('fork');
    await connectedWith('hello', () => primary.workerFacts());
    expect(server.openStreams).toBe(2);
    expect(server.streamsOpened).toBe(2);
    expect(server.configs.requests).toHaveLength(2);

    server.publish(second);
    await connectedWith('bonjour', () => primary.facts());
    await connectedWith('bonjour', () => primary.workerFacts());
    expect(server.streamsOpened).toBe(2);
    await primary.command('end');
    await until(() => expect(server.openStreams).toBe(0));
  });

  it('with cluster "suspend-primary", the first fork suspends the primary until resume()', async () => {
    const server = await serve({ envelope: first });
    const primary = await Primary.start(server, { cluster: 'suspend-primary' });
    await connectedWith('hello', () => primary.facts());
    await primary.command('fork');
    expect((await primary.facts()).state).toBe('disconnected');
    await connectedWith('hello', () => primary.workerFacts());
    await until(() => expect(server.openStreams).toBe(1));

    server.publish(second);
    await connectedWith('bonjour', () => primary.workerFacts());
    const suspended = await primary.facts();
    expect(suspended).toMatchObject({ state: 'disconnected', greeting: 'hello' });
    expect(suspended.logged.filter((line) => line.includes('call resume()'))).toHaveLength(1);

    await primary.command('resume');
    await connectedWith('bonjour', () => primary.facts());
    await primary.command('fork');
    server.publish(third);
    await connectedWith('hola', () => primary.facts());
  });

  it('the primary exits on its own once its service is closed', async () => {
    const server = await serve({ envelope: first });
    const primary = await Primary.start(server, { cluster: 'suspend-primary' });
    await connectedWith('hello', () => primary.facts());
    await primary.command('end');
    expect(await primary.child.ended).toEqual({ code: 0, signal: null });
  });
});
