import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { QuonfigModuleOptions } from '../../../lib/index.js';
import { QuonfigService } from '../../../lib/index.js';
import { type DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { connectTo, type Networked, optionsFor, serve, until } from '../../support/networked.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });
const third = envelopeOf({ generation: 3, values: { greeting: 'hola' } });

/** Services of one directory, each as if it ran in a process of its own. */
class Members {
  readonly directory = new MeetingDirectory();

  constructor(
    readonly server: DeliveryServer,
    private readonly more: Partial<QuonfigModuleOptions> = {},
  ) {}

  join(more: Partial<QuonfigModuleOptions> = {}): Promise<Networked> {
    return connectTo(this.server, this.directory.options({ ...this.more, ...more }));
  }
}

async function reads(greeting: string, ...services: QuonfigService[]): Promise<void> {
  await until(() => {
    for (const service of services) expect(service.getString('greeting')).toBe(greeting);
  });
}

async function isConnected(...services: QuonfigService[]): Promise<void> {
  await until(() => {
    for (const service of services) expect(service.connectionState()).toBe('connected');
  });
}

describe('processes that share one stream', () => {
  it('the first process leads, and others start and receive updates without a request', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    const { service: leader, log } = await members.join();
    await isConnected(leader);
    const { service: follower, log: followerLog } = await members.join();
    expect(follower.getString('greeting')).toBe('hello');
    await isConnected(follower);
    expect(leader.health()).toMatchObject({ cluster: 'leader', source: 'fetch' });
    expect(follower.health()).toMatchObject({ cluster: 'via leader', source: 'cluster' });
    server.publish(second);
    await reads('bonjour', leader, follower);
    expect(server.configs.requests).toHaveLength(1);
    expect(server.streamsOpened).toBe(1);
    expect(follower.configInstallCount()).toBe(2);
    expect(log.text).toContain('follows Quonfig for all processes');
    expect(followerLog.text).toContain(`Changes arrive through process ${process.pid}`);
    expect([...log.problems, ...followerLog.problems]).toEqual([]);
  });

  it('processes that start together elect one leader', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    const joined = await Promise.all(Array.from({ length: 12 }, () => members.join()));
    const services = joined.map(({ service }) => service);
    await isConnected(...services);
    const roles = services.map((service) => service.health().cluster);
    expect(roles.filter((role) => role === 'leader')).toHaveLength(1);
    expect(roles.filter((role) => role === 'via leader')).toHaveLength(11);
    expect(server.configs.requests).toHaveLength(1);
    expect(server.streamsOpened).toBe(1);
    server.publish(second);
    await reads('bonjour', ...services);
    expect(members.directory.files).toHaveLength(1);
  });

  it('only the owner may enter the directory and use the socket, whose name reveals nothing', async () => {
    const members = new Members(await serve({ envelope: first }));
    await members.join();
    const { directory } = members;
    expect(statSync(directory.path).mode & 0o777).toBe(0o700);
    expect(statSync(directory.socket).mode & 0o777).toBe(0o600);
    expect(directory.files).toEqual([expect.stringMatching(/^[0-9a-f]{20}$/)]);
  });

  it('processes with a different SDK key or different URLs do not share a stream', async () => {
    const members = new Members(await serve({ envelope: first }));
    members.server.allow('qf_sk_other', 'staging');
    members.server.publish(envelopeOf({ environment: 'staging', values: { greeting: 'staging' } }));
    const { service: one } = await members.join();
    const { service: two } = await members.join({ sdkKey: 'qf_sk_other' });
    expect(one.health().cluster).toBe('leader');
    expect(two.health().cluster).toBe('leader');
    expect(two.getString('greeting')).toBe('staging');
  });

  it('when the leader closes, another process leads, and no update is lost', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    const { service: leader } = await members.join();
    const followers = [await members.join(), await members.join(), await members.join()];
    const services = followers.map(({ service }) => service);
    await isConnected(leader, ...services);
    await leader.close();
    expect(services.map((service) => service.getString('greeting'))).toEqual(
      Array(3).fill('hello'),
    );
    server.publish(second);
    await reads('bonjour', ...services);
    await isConnected(...services);
    const roles = services.map((service) => service.health().cluster);
    expect(roles.filter((role) => role === 'leader')).toHaveLength(1);
    expect(roles.filter((role) => role === 'via leader')).toHaveLength(2);
    await until(() => expect(server.openStreams).toBe(1));
    for (const { log } of followers) expect(log.problems).toEqual([]);
  });

  it('the last process that closes leaves no socket', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { service: leader } = await members.join();
    const { service: follower } = await members.join();
    await follower.close();
    expect(members.directory.files).toHaveLength(1);
    await leader.close();
    expect(members.directory.files).toEqual([]);
    await leader.close();
  });

  it('a follower that closes or is suspended neither reads updates nor affects others', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    const { service: leader } = await members.join();
    const { service: closed } = await members.join();
    const { service: suspended } = await members.join();
    await isConnected(leader, closed, suspended);
    await closed.close();
    suspended.suspend();
    expect(suspended.connectionState()).toBe('disconnected');
    expect(suspended.health().cluster).not.toBe('leader');
    server.publish(second);
    await reads('bonjour', leader);
    expect(closed.getString('greeting')).toBe('hello');
    expect(suspended.getString('greeting')).toBe('hello');
    await suspended.resume();
    await reads('bonjour', suspended);
    await isConnected(suspended);
    server.publish(third);
    await reads('hola', leader, suspended);
    expect(server.streamsOpened).toBe(1);
  });

  it('a leader that is suspended hands over, and follows after resume()', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    const { service: one } = await members.join();
    const { service: two } = await members.join();
    await isConnected(one, two);
    one.suspend();
    await until(() => expect(two.health().cluster).toBe('leader'));
    server.publish(second);
    await reads('bonjour', two);
    expect(one.getString('greeting')).toBe('hello');
    expect(one.connectionState()).toBe('disconnected');
    await one.resume();
    await isConnected(one, two);
    expect(one.health().cluster).toBe('via leader');
    await until(() => expect(server.openStreams).toBe(1));
    server.publish(third);
    await reads('hola', one, two);
  });

  it("the refusal of a leader's stream reaches followers, and reconnect() in a follower clears it", async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    const { service: leader } = await members.join();
    const { service: follower, log } = await members.join();
    const hosts: string[] = [];
    follower.terminalFailure$.subscribe(({ host, status }) => hosts.push(`${status} ${host}`));
    await isConnected(leader, follower);
    server.stream.answerAlways({ status: 403 });
    server.dropStreams();
    await until(() => expect(leader.terminalFailure()).toBe(true));
    await until(() => expect(follower.terminalFailure()).toBe(true));
    expect(follower.connectionState()).toBe('disconnected');
    expect(hosts).toEqual([`403 127.0.0.1:${server.port}`]);
    expect(log.lines('warn').join()).toContain('was refused with status 403');
    const { service: late } = await members.join();
    await until(() => expect(late.terminalFailure()).toBe(true));

    server.stream.answerNormally();
    await follower.reconnect();
    await isConnected(leader, follower, late);
    expect(follower.terminalFailure()).toBe(false);
    server.publish(second);
    await reads('bonjour', leader, follower, late);
    expect(server.openStreams).toBe(1);
  });

  it('followers report the connection state and config age of their leader', async () => {
    const members = new Members(await serve({ envelope: first }), { fallbackPollIntervalMs: 50 });
    const { server } = members;
    const { service: leader } = await members.join();
    const { service: follower } = await members.join();
    const states: string[] = [];
    follower.connectionState$.subscribe((state) => states.push(state));
    await isConnected(leader, follower);
    server.stream.answerAlways({ status: 503 });
    server.dropStreams();
    await until(() => expect(follower.connectionState()).toBe('falling_back'));
    expect(states.slice(-2)).toEqual(['disconnected', 'falling_back']);
    expect(follower.fallbackPollerActive()).toBe(false);
    const age = follower.lastSuccessfulRefresh()!.getTime();
    await until(() => expect(follower.lastSuccessfulRefresh()!.getTime()).toBeGreaterThan(age));
    server.publish(second);
    await reads('bonjour', leader, follower);
    await until(() => expect(follower.health().lastError).toContain('503'));
    server.stream.answerNormally();
    await isConnected(follower);
  });

  it('refresh() in a follower makes its own request, and an older leader never rolls a follower back', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    const { service: leader } = await members.join();
    const { service: follower } = await members.join();
    await isConnected(leader, follower);
    server.dropStreams();
    server.stream.answerAlways('hold');
    server.publish(third);
    await follower.refresh();
    expect(follower.getString('greeting')).toBe('hola');
    expect(leader.getString('greeting')).toBe('hello');
    // Follows again, and receives the older envelope of the leader.
    follower.suspend();
    await follower.resume();
    await until(() => expect(follower.metrics().guardRejected).toBe(1));
    expect(follower.getString('greeting')).toBe('hola');
  });

  it('a follower waits for the first configs of its leader and times out with the reason that the leader has', async () => {
    const members = new Members(await serve({ envelope: first }), {
      onInitFailure: 'return-defaults',
    });
    const { server } = members;
    server.configs.answerAlways({ status: 503 });
    server.stream.answerAlways({ status: 503 });
    const leader = members.join({ initTimeout: 60_000 });
    await until(() => expect(members.directory.files).toHaveLength(1));
    const log = new RecordingLogger();
    const options = members.directory.options({ initTimeout: 300, logger: log });
    const failed = QuonfigService.create(optionsFor(server, options));
    await expect(failed).rejects.toMatchObject({
      code: 'initialization_timeout',
      message: expect.stringContaining('the leading process has no configs yet'),
    });
    const { service: follower } = await members.join({ initTimeout: 300 });
    expect(follower.ready()).toBe(false);
    expect(follower.connectionState()).toBe('initializing');
    server.configs.answerNormally();
    server.stream.answerNormally();
    const { service } = await leader;
    await reads('hello', service, follower);
    expect(server.streamsOpened).toBeLessThanOrEqual(1);
  });

  it('a follower leads and loads over the network if its leader is gone before it has configs', async () => {
    const members = new Members(await serve({ envelope: first }));
    const { server } = members;
    server.configs.answerAlways({ status: 503 });
    const logger = new RecordingLogger();
    const dead = QuonfigService.create(
      optionsFor(server, members.directory.options({ initTimeout: 500, logger })),
    ).catch(() => undefined);
    await until(() => expect(members.directory.files).toHaveLength(1));
    const follower = members.join();
    await dead;
    server.configs.answerNormally();
    const { service } = await follower;
    expect(service.health()).toMatchObject({ cluster: 'leader', source: 'fetch' });
    await isConnected(service);
  });
});
