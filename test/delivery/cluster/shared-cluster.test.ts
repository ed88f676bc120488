import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Child } from '../../support/child-process.js';
import { type DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { connectTo, optionsFor, serve, until } from '../../support/networked.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const script = fileURLToPath(new URL('../support/cluster-members.mjs', import.meta.url));
const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });
const third = envelopeOf({ generation: 3, values: { greeting: 'hola' } });

interface Facts {
  cluster: string;
  source: string;
  state: string;
  installs: number;
  greeting: string;
}

/** The primary of a cluster in its own process. Accepts one command at a time. */
class Primary {
  private constructor(readonly child: Child) {}

  static async start(
    server: DeliveryServer,
    { lateService = false, directory = new MeetingDirectory() } = {},
  ): Promise<Primary> {
    const { cluster: _, ...options } = directory.options({
      sseReadDeadlineMs: 3_000,
    });
    const child = Child.node([script], {
      messages: true,
      env: {
        QUONFIG_TEST_OPTIONS: JSON.stringify(optionsFor(server, options)),
        QUONFIG_TEST_LATE_PRIMARY: String(lateService),
      },
    });
    await child.receive();
    return new Primary(child);
  }

  async ask<T>(act: string, argument?: number): Promise<T> {
    return ((await this.child.ask({ act, argument })) as { result: T }).result;
  }

  /** Waits until the primary and its workers have these facts. */
  async settled(primary: Partial<Facts>, workers: Partial<Facts>): Promise<void> {
    await until(async () => {
      expect(await this.ask('facts')).toMatchObject(primary);
      for (const facts of await this.ask<Facts[]>('workers')) expect(facts).toMatchObject(workers);
    });
  }
}

describe('a cluster whose workers share the stream of the primary', { timeout: 60_000 }, () => {
  it('eight workers start and receive updates through the primary, over one connection', async () => {
    const server = await serve({ envelope: first, heartbeatMs: 500 });
    const primary = await Primary.start(server);
    await primary.ask('fork', 8);
    const connected = { state: 'connected' };
    await primary.settled(
      { cluster: 'leader', greeting: 'hello', ...connected },
      { cluster: 'via primary', source: 'cluster', greeting: 'hello', ...connected },
    );
    server.publish(second);
    await primary.settled({ greeting: 'bonjour' }, { greeting: 'bonjour', installs: 2 });
    expect(server.configs.requests).toHaveLength(1);
    expect(server.streamsOpened).toBe(1);
    await primary.ask('end');
    expect(await primary.child.ended).toEqual({ code: 0, signal: null });
  });

  it('a killed worker does not affect the others', async () => {
    const server = await serve({ envelope: first, heartbeatMs: 500 });
    const primary = await Primary.start(server);
    await primary.ask('fork', 3);
    await primary.ask('killWorker');
    await primary.ask('fork', 1);
    server.publish(second);
    await primary.settled(
      { cluster: 'leader', greeting: 'bonjour' },
      { cluster: 'via primary', greeting: 'bonjour', state: 'connected' },
    );
    expect(server.streamsOpened).toBe(1);
  });

  it('a killed primary leaves nothing behind that blocks the next one', async () => {
    const server = await serve({ envelope: first, heartbeatMs: 500 });
    const directory = new MeetingDirectory();
    const killed = await Primary.start(server, { directory });
    await killed.ask('fork', 2);
    const others = await connectTo(server, directory.options());
    expect(others.service.health().cluster).toBe('via leader');
    killed.child.kill('SIGKILL');
    await killed.child.ended;
    // A process that is no worker takes over.
    await until(() => expect(others.service.health().cluster).toBe('leader'));
    server.publish(second);
    await until(() => expect(others.service.getString('greeting')).toBe('bonjour'));
    await others.service.close();

    const next = await Primary.start(server, { directory });
    await next.ask('fork', 2);
    await next.settled(
      { cluster: 'leader', greeting: 'bonjour' },
      { cluster: 'via primary', greeting: 'bonjour', state: 'connected' },
    );
    await until(() => expect(server.openStreams).toBe(1));
  });

  it('without a service in the primary, a worker leads until the primary does', async () => {
    const server = await serve({ envelope: first, heartbeatMs: 500 });
    const primary = await Primary.start(server, { lateService: true });
    await primary.ask('fork', 4);
    await until(async () => {
      const facts = await primary.ask<Facts[]>('workers');
      expect(facts.map(({ state }) => state)).toEqual(Array(4).fill('connected'));
      const roles = facts.map(({ cluster }) => cluster);
      expect(roles.filter((role) => role === 'leader')).toHaveLength(1);
      expect(roles.filter((role) => role === 'via leader')).toHaveLength(3);
    });
    expect(server.streamsOpened).toBe(1);
    await primary.ask('startPrimary');
    const through = { cluster: 'via primary', state: 'connected' };
    await primary.settled({ cluster: 'leader', state: 'connected' }, through);
    // The primary has started from the leading worker, too.
    expect(server.configs.requests).toHaveLength(1);
    server.publish(second);
    await primary.settled({ greeting: 'bonjour' }, { greeting: 'bonjour' });
    await until(() => expect(server.openStreams).toBe(1));

    await primary.ask('closePrimary');
    await until(async () => {
      const facts = await primary.ask<Facts[]>('workers');
      expect(facts.filter(({ cluster }) => cluster === 'leader')).toHaveLength(1);
      for (const { state } of facts) expect(state).toBe('connected');
    });
    server.publish(third);
    await until(async () => {
      const facts = await primary.ask<Facts[]>('workers');
      expect(facts.map(({ greeting }) => greeting)).toEqual(Array(4).fill('hola'));
    });
  });
});
