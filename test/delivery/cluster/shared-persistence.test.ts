import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Subject, take } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../../lib/index.js';
import { type DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { connectTo, type Networked, optionsFor, serve, until } from '../../support/networked.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { answer, type Script } from '../../support/served-path.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });
const NOWHERE = { url: 'http://127.0.0.1:9' };
const MINUTE = 60_000;
const QUICK = { initTimeout: 300, configFetchHedgeAbortMs: 200, configFetchHedgeDelayMs: 100 };

function file(): string {
  const path = mkdtempSync(join(tmpdir(), 'quonfig-persistence-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'saved');
}

describe('persistence of processes that share one stream', () => {
  it('during an outage, followers start from the same saved configs as the leader and report their age', async () => {
    const persistence = { file: file() };
    const server = await serve({ envelope: first });
    const before = await connectTo(server, { persistence });
    const savedAt = before.service.lastSuccessfulRefresh()!;
    await before.service.close();
    await server.close();

    const options = new MeetingDirectory().options({ persistence, initTimeout: 300 });
    const { service: leader } = await connectTo(NOWHERE, options);
    const { service: follower } = await connectTo(NOWHERE, options);
    expect(leader.health().source).toBe('persistence');
    expect(follower.getString('greeting')).toBe('hello');
    expect(follower.health().source).toBe('cluster');
    expect(follower.connectionState()).not.toBe('connected');
    expect(follower.lastSuccessfulRefresh()).toEqual(leader.lastSuccessfulRefresh());
    expect(follower.lastSuccessfulRefresh()!.getTime()).toBeGreaterThanOrEqual(savedAt.getTime());
    expect(follower.lastSuccessfulRefresh()!.getTime()).toBeLessThan(Date.now());
  });

  it('only the leader saves configs, and the next leader takes over from it', async () => {
    const server = await serve({ envelope: first });
    const options = new MeetingDirectory().options({ persistence: { file: file() } });
    const { service: leader } = await connectTo(server, options);
    const { service: follower } = await connectTo(server, options);
    await until(() => expect(leader.metrics().persistence!.writes).toBe(1));
    await leader.close();
    await until(() => expect(follower.connectionState()).toBe('connected'));
    expect(follower.metrics().persistence!.writes).toBe(0);
    server.publish(second);
    await until(() => expect(follower.metrics().persistence!.writes).toBe(1));
  });

  it('with preferCache, the first process starts from saved configs at once, and so do its followers', async () => {
    const persistence = { file: file(), preferCache: true };
    const server = await serve({ envelope: first });
    const { service: before } = await connectTo(server, { persistence });
    await before.close();
    server.configs.answerAlways('hold');
    server.stream.answerAlways('hold');
    const options = new MeetingDirectory().options({ initTimeout: MINUTE });
    const { service: leader, log } = await connectTo(server, { ...options, persistence });
    expect(leader.health().source).toBe('persistence');
    await until(() => expect(leader.health().cluster).toBe('leader'));
    const { service: follower } = await connectTo(server, options);
    expect(follower.getString('greeting')).toBe('hello');
    server.publish(second);
    server.configs.answerNormally();
    server.stream.answerNormally();
    for (const member of [leader, follower]) {
      await until(() => expect(member.getString('greeting')).toBe('bonjour'));
    }
    expect(log.lines('warn')).toEqual([expect.stringContaining('Started from 1 config')]);
  });
});

it('a process that starts from saved configs and then leads reads the store once', async () => {
  const saved = new Map<string, string>();
  const server = await serve({ envelope: first });
  const { service: before } = await connectTo(server, { persistence: { store: saved } });
  await before.close();
  let gets = 0;
  const store = {
    get: (key: string) => (gets++, saved.get(key)),
    set: (key: string, value: string) => void saved.set(key, value),
  };
  server.configs.answerAlways({ status: 503 });
  const options = new MeetingDirectory().options({ initTimeout: MINUTE });
  const persistence = { store, preferCache: true };
  const { service } = await connectTo(server, { ...options, persistence });
  await until(() => expect(service.health().cluster).toBe('leader'));
  await until(() => expect(server.configs.requests.length).toBeGreaterThan(1));
  expect(gets).toBe(1);
});

interface CutOff {
  readonly server: DeliveryServer;
  readonly directory: MeetingDirectory;
  readonly persistence: { readonly file: string };
  readonly leader: Promise<Networked>;
}

/** A leader without configs and without persistence, and a file with configs for its followers. */
async function leaderWithoutConfigs(
  script: Script,
  more: (server: DeliveryServer) => Partial<QuonfigModuleOptions> = () => ({}),
): Promise<CutOff> {
  const persistence = { file: file() };
  const server = await serve({ envelope: first });
  const { service: before } = await connectTo(server, { persistence });
  await before.close();
  server.configs.answerAlways(script);
  server.stream.answerAlways(script);
  const directory = new MeetingDirectory();
  const leader = connectTo(server, directory.options({ initTimeout: MINUTE, ...more(server) }));
  onTestFinished(async () => {
    server.configs.answerNormally();
    await leader;
  });
  await until(() => expect(directory.files).toHaveLength(1));
  return { server, directory, persistence, leader };
}

describe('a follower whose leader has no configs', () => {
  it('after initTimeout, the follower starts from its own saved configs and then follows the leader', async () => {
    const { server, directory, persistence, leader } = await leaderWithoutConfigs({ status: 503 });
    const options = directory.options({ persistence, ...QUICK });
    const { service: follower, log } = await connectTo(server, options);
    expect(follower.getString('greeting')).toBe('hello');
    expect(follower.health()).toMatchObject({ source: 'persistence', cluster: 'via leader' });
    expect(follower.connectionState()).toBe('disconnected');
    expect(follower.health().ageMs).toBeGreaterThan(0);
    expect(log.lines('warn')).toEqual([
      expect.stringContaining('Started from 1 config saved in'),
      expect.stringContaining('the leading process has no configs yet'),
    ]);
    server.publish(second);
    server.configs.answerNormally();
    server.stream.answerNormally();
    await leader;
    await until(() => expect(follower.getString('greeting')).toBe('bonjour'));
    expect(follower.health().source).toBe('cluster');
    await until(() => expect(follower.connectionState()).toBe('connected'));
    expect(follower.metrics().persistence).toEqual({ writes: 0, failedWrites: 0, failedReads: 0 });
    expect(server.streamsOpened).toBe(1);
  });

  it('with preferCache, the follower starts from its own saved configs at once', async () => {
    const { server, directory, persistence } = await leaderWithoutConfigs('hold');
    const options = directory.options({
      persistence: { ...persistence, preferCache: true },
      initTimeout: MINUTE,
    });
    const { service: follower } = await connectTo(server, options);
    expect(follower.getString('greeting')).toBe('hello');
    expect(follower.health().source).toBe('persistence');
    server.publish(second);
    server.configs.answerNormally();
    server.stream.answerNormally();
    await until(() => expect(follower.getString('greeting')).toBe('bonjour'));
    await until(() => expect(follower.health().cluster).toBe('via leader'));
  });

  it('a leader that hangs does not delay startup with preferCache', async () => {
    const { server, directory, persistence, leader } = await leaderWithoutConfigs('hold');
    const path = directory.socket;
    server.configs.answerNormally();
    await (await leader).service.close();
    const hung = createServer((socket) => socket.on('error', () => undefined).resume());
    hung.listen(path);
    await once(hung, 'listening');
    onTestFinished(() => void hung.close());
    const options = directory.options({
      persistence: { ...persistence, preferCache: true },
      initTimeout: MINUTE,
    });
    const { service } = await connectTo(server, options);
    expect(service.health()).toMatchObject({ source: 'persistence', cluster: 'none' });
  });

  it('without usable saved configs, the follower does not start', async () => {
    const { server, directory, persistence } = await leaderWithoutConfigs('hold');
    writeFileSync(persistence.file, 'something else', { mode: 0o600 });
    const logger = new RecordingLogger();
    const options = directory.options({ persistence, ...QUICK, logger });
    await expect(QuonfigService.create(optionsFor(server, options))).rejects.toMatchObject({
      code: 'initialization_timeout',
    });
    expect(logger.lines('warn')).toEqual([expect.stringContaining('is not used')]);
  });
});

describe('a follower whose leader was refused', () => {
  /** Starts a follower that has saved configs. */
  function follow(
    { directory, persistence }: Pick<CutOff, 'directory' | 'persistence'>,
    server: { url: string },
    more: Partial<QuonfigModuleOptions> = {},
  ): { start: Promise<QuonfigService>; log: RecordingLogger } {
    const log = new RecordingLogger();
    const options = directory.options({ persistence, initTimeout: 1_000, logger: log, ...more });
    const start = QuonfigService.create(optionsFor(server, options));
    onTestFinished(async () => (await start.catch(() => undefined))?.close());
    return { start, log };
  }

  it('the follower does not use its saved configs unless onTerminalFailure is "poll"', async () => {
    const refused = await leaderWithoutConfigs({ status: 401 }, () => ({
      onInitFailure: 'return-defaults',
    }));
    const { service: leader } = await refused.leader;
    await until(() => expect(leader.terminalFailure()).toBe(true));
    const { start, log } = follow(refused, refused.server);
    await expect(start).rejects.toMatchObject({ code: 'initialization_timeout' });
    expect(log.text).toMatch(/are not used, because 127\.0\.0\.1:\d+ refused the SDK key/);
    const lenient = follow(refused, refused.server, { onTerminalFailure: 'poll' });
    expect((await lenient.start).getString('greeting')).toBe('hello');
  });

  it('the follower does not use its saved configs if one API refused the key and the other does not respond', async () => {
    const refuser = await serve();
    const gate = new Subject<void>();
    refuser.configs.answerAlways((_, response) => {
      gate.pipe(take(1)).subscribe(() => answer(response, { status: 401 }));
    });
    const more = { configFetchHedgeDelayMs: 10, configFetchHedgeAbortMs: MINUTE };
    const apiUrls = (other: DeliveryServer) => [refuser.url, other.url];
    const cutOff = await leaderWithoutConfigs('hold', (other) => ({
      ...more,
      apiUrls: apiUrls(other),
    }));
    const options = { ...more, apiUrls: apiUrls(cutOff.server) };
    const { start, log } = follow(cutOff, cutOff.server, options);
    // The follower learns of a refusal that happens after it has joined.
    await until(() => expect(log.text).toContain('Changes arrive through process'));
    gate.next();
    await expect(start).rejects.toMatchObject({ code: 'initialization_timeout' });
    expect(log.text).toContain(`because ${refuser.url}/api/v2/configs refused the SDK key`);
  });
});
