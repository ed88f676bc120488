import { chmodSync, chownSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { QuonfigModuleOptions } from '../../../lib/index.js';
import {
  type Container,
  ContainerHost,
  type Facts,
  obstacleToContainers,
} from '../../support/container/container.js';
import { envelopeOf } from '../../support/delivery-server.js';
import { connectTo, serve, until } from '../../support/networked.js';

const DEADLINE_MS = 3_000;
const USER = 1_000;
const OTHER_USER = 2_000;

const obstacle = obstacleToContainers();
const obstacleToUserNamespaces = obstacleToContainers(['unshare', '--user', '--map-root-user']);

const generation = (number: number): ReturnType<typeof envelopeOf> =>
  envelopeOf({ generation: number, values: { greeting: `hello ${number}` } });

/** Starts a service in a container that meets the others in its volume. */
function share(
  container: Container,
  directory = container.volume,
  more: Partial<QuonfigModuleOptions> = {},
): Promise<void> {
  return container.startService({
    cluster: 'shared',
    clusterDirectory: directory,
    sseReadDeadlineMs: DEADLINE_MS,
    ...more,
  });
}

async function serveIn(container: Container, number: number): Promise<void> {
  await container.serve({ envelope: generation(number), heartbeatMs: 500 });
}

function untilFacts(container: Container, expected: Partial<Facts>): Promise<void> {
  return until(async () => expect(await container.facts()).toMatchObject(expected));
}

describe('containers that share one stream', { timeout: 60_000 }, () => {
  it('containers without network follow the first one through a volume, which each mounts at another path', async (context) => {
    if (obstacle !== undefined) context.skip(obstacle);
    const host = await ContainerHost.create('/dev/shm');
    const [leader, ...followers] = await Promise.all([
      host.start({ hostName: 'leader', network: true }),
      host.start({ volume: '/mnt/run', readOnlyRoot: true }),
      host.start({ volume: '/mnt/var/lib/other', readOnlyRoot: true }),
    ]);
    await serveIn(leader, 1);
    await share(leader);
    await Promise.all(followers.map((follower) => share(follower)));
    for (const follower of followers) {
      await untilFacts(follower, {
        role: 'via leader',
        source: 'cluster',
        state: 'connected',
        greeting: 'hello 1',
      });
      const { process, logged } = await follower.facts();
      expect(process).toMatchObject({ pid: 1, networks: [] });
      expect(logged).toContainEqual(
        expect.stringContaining('process 1 in another container (host name leader)'),
      );
    }
    await leader.publish(generation(2));
    for (const follower of followers) await untilFacts(follower, { greeting: 'hello 2' });
    expect(await leader.facts()).toMatchObject({ role: 'leader', streams: 1, process: { pid: 1 } });
  });

  it('after the leading container is killed, another one leads, and workers in containers follow it', async (context) => {
    if (obstacle !== undefined) context.skip(obstacle);
    const host = await ContainerHost.create();
    const [first, second, ...workers] = await Promise.all([
      host.start({ network: true }),
      host.start({ network: true }),
      host.start({ worker: true }),
      host.start({ worker: true }),
    ]);
    await serveIn(first, 1);
    await serveIn(second, 2);
    await share(first);
    await Promise.all([second, ...workers].map((container) => share(container)));
    for (const worker of workers) {
      // Both its primary and the leader are process 1, each in its own container.
      await untilFacts(worker, { role: 'via leader', greeting: 'hello 1' });
    }
    await first.kill();
    await untilFacts(second, { role: 'leader', state: 'connected', greeting: 'hello 2' });
    for (const worker of workers) {
      await untilFacts(worker, { role: 'via leader', state: 'connected', greeting: 'hello 2' });
    }
    await second.publish(generation(3));
    for (const worker of workers) await untilFacts(worker, { greeting: 'hello 3' });
  });

  it('the socket that a killed container left behind blocks no start in another one', async (context) => {
    if (obstacle !== undefined) context.skip(obstacle);
    const host = await ContainerHost.create();
    const [dead, next] = await Promise.all([
      host.start({ network: true }),
      host.start({ network: true }),
    ]);
    await serveIn(dead, 1);
    await share(dead);
    await dead.kill();
    expect(readdirSync(host.volume)).toHaveLength(1);
    await serveIn(next, 1);
    await share(next);
    expect(await next.facts()).toMatchObject({ role: 'leader', greeting: 'hello 1' });
    await next.closeService();
    expect(readdirSync(host.volume)).toEqual([]);
  });
});

describe('the user of containers that share one stream', { timeout: 60_000 }, () => {
  it('containers of another user than the owner of the directory, even of root, are alone', async (context) => {
    if (obstacle !== undefined) context.skip(obstacle);
    const host = await ContainerHost.create();
    chownSync(host.volume, USER, USER);
    const owner = await host.start({ network: true, user: USER });
    const [root, other] = await Promise.all([
      host.start({ network: true }),
      host.start({ network: true, user: OTHER_USER }),
    ]);
    for (const container of [owner, root, other]) {
      await serveIn(container, 1);
      await share(container);
    }
    expect(await owner.facts()).toMatchObject({ role: 'leader' });
    for (const [container, id] of [
      [root, 0],
      [other, OTHER_USER],
    ] as const) {
      await untilFacts(container, { role: 'alone', state: 'connected', streams: 1 });
      const { logged } = await container.facts();
      expect(logged.join('\n')).toContain(
        `${container.volume} belongs to user ${USER}, and this process runs as user ${id}`,
      );
    }
  });

  it('in a volume that everybody may write to, the first container creates the directory', async (context) => {
    if (obstacle !== undefined) context.skip(obstacle);
    const host = await ContainerHost.create();
    // As the volume `emptyDir` of Kubernetes with a group.
    chmodSync(host.volume, 0o2777);
    const [leader, follower, mistaken] = await Promise.all([
      host.start({ network: true, user: USER }),
      host.start({ user: USER }),
      host.start({ network: true, user: USER }),
    ]);
    for (const container of [leader, mistaken]) await serveIn(container, 1);
    await share(leader, `${leader.volume}/quonfig`);
    await share(follower, `${follower.volume}/quonfig`);
    await share(mistaken);
    await untilFacts(follower, { role: 'via leader', greeting: 'hello 1' });
    const { role, logged } = await mistaken.facts();
    expect(role).toBe('alone');
    expect(logged.join('\n')).toContain('Run all processes as the same user');
  });

  it('containers with different user namespaces share if their users are the same on the host, and otherwise refuse its files', async (context) => {
    if (obstacleToUserNamespaces !== undefined) context.skip(obstacleToUserNamespaces);
    const host = await ContainerHost.create();
    chownSync(host.volume, USER, USER);
    const [leader, ...containers] = await Promise.all([
      host.start({ network: true, user: USER, userNamespace: 'as root' }),
      host.start({ user: USER, userNamespace: 'as the same user' }),
      host.start({ user: USER }),
      host.start({ network: true, user: OTHER_USER, userNamespace: 'as root' }),
    ]);
    const other = containers.pop()!;
    for (const container of [leader, other]) await serveIn(container, 1);
    for (const container of [leader, ...containers]) await share(container);
    const file = `${other.volume}/saved`;
    await share(other, other.volume, { persistence: { file } });
    expect(await leader.facts()).toMatchObject({ role: 'leader' });
    for (const container of containers) {
      await untilFacts(container, { role: 'via leader', greeting: 'hello 1' });
    }
    expect((await other.facts()).role).toBe('alone');
    const refused =
      'belongs to user 65534 (in a container, 65534 stands for users that its user namespace lacks)';
    for (const reason of [`${other.volume} ${refused}`, `a link in its place, ${refused}`]) {
      await until(async () => expect((await other.facts()).logged.join('\n')).toContain(reason));
    }
  });
});

describe('containers that cannot share', { timeout: 60_000 }, () => {
  it('containers whose path of the volume is too long, or whose directory is read-only, are alone', async (context) => {
    if (obstacle !== undefined) context.skip(obstacle);
    const host = await ContainerHost.create();
    const long = `/mnt/${'x'.repeat(80)}`;
    const [far, readOnly] = await Promise.all([
      host.start({ network: true, volume: long }),
      host.start({ network: true, readOnlyRoot: true }),
    ]);
    await serveIn(far, 1);
    await share(far);
    await serveIn(readOnly, 1);
    await share(readOnly, '/quonfig');
    for (const [container, reason] of [
      [far, 'Set clusterDirectory to one of at most 73 bytes'],
      [readOnly, '/quonfig cannot be used (EROFS)'],
    ] as const) {
      const { role, greeting, logged } = await container.facts();
      expect({ role, greeting }).toEqual({ role: 'alone', greeting: 'hello 1' });
      expect(logged.join('\n')).toContain(reason);
    }
  });
});

describe('containers that save to one file', { timeout: 60_000 }, () => {
  it('the file is complete at any moment, and nothing is left beside it, whichever containers are killed', async (context) => {
    if (obstacle !== undefined) context.skip(obstacle);
    const host = await ContainerHost.create();
    const folder = join(host.volume, 'saved');
    mkdirSync(folder, { mode: 0o700 });
    const failures: string[] = [];
    const starting = async (): Promise<Container> => {
      const container = await host.start({ network: true });
      await container.serve({ envelope: generation(1) });
      void container
        .saveOn({ persistence: { file: `${container.volume}/saved/configs` } })
        .catch((error: Error) => failures.push(error.message));
      return container;
    };
    const saved = async (): Promise<string> => {
      const file = join(folder, 'configs');
      const { service } = await connectTo(
        { url: 'http://127.0.0.1:9' },
        { persistence: { file, preferCache: true }, initTimeout: 100 },
      );
      expect(service.health().source).toBe('persistence');
      expect(service.metrics().persistence!.failedReads).toBe(0);
      await service.close();
      return service.getString('greeting');
    };
    const containers = await Promise.all([starting(), starting(), starting()]);
    await until(async () => expect(await saved()).toBe('hello 1'));
    for (let round = 0; round < 2; round++) {
      await setTimeout(Math.random() * 100);
      await containers.shift()!.kill();
      expect(await saved()).toBe('hello 1');
      containers.push(await starting());
    }
    for (const container of containers) await container.kill();
    expect(await saved()).toBe('hello 1');
    const minuteAgo = Date.now() / 1_000 - 60;
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), minuteAgo, minuteAgo);
    const server = await serve({ envelope: generation(2) });
    const { service } = await connectTo(server, { persistence: { file: join(folder, 'configs') } });
    await service.close();
    expect(await saved()).toBe('hello 2');
    expect(readdirSync(folder)).toEqual(['configs']);
    expect(failures.filter((message) => !message.includes('process ended'))).toEqual([]);
  });
});
