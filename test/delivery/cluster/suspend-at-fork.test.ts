import cluster from 'node:cluster';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { suspendAtFork } from '../../../lib/delivery/cluster/suspend-at-fork.js';
import { QuonfigService } from '../../../lib/index.js';
import { envelopeOf } from '../../support/delivery-server.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { optionsFor, serve, until } from '../../support/networked.js';

class Client {
  readonly connectionState$ = new Subject<string>();
  suspensions = 0;
  suspended = false;

  constructor(private readonly failure?: Error) {}

  suspend(): void {
    this.suspensions++;
    if (this.failure !== undefined) throw this.failure;
  }
}

/** The event that `cluster.fork()` emits in the primary. */
const fork = (): boolean => cluster.emit('fork', {} as never);

function listen(client: Client): RecordingLogger {
  const log = new RecordingLogger();
  suspendAtFork(client, { logger: log, isSuspended: () => client.suspended });
  return log;
}

describe('suspendAtFork', () => {
  it('a fork suspends every client once and never fails, even if a client throws', () => {
    const failing = new Client(new Error('no way'));
    const client = new Client();
    const failed = listen(failing);
    const log = listen(client);
    expect(fork).not.toThrow();
    fork();
    expect([failing.suspensions, client.suspensions]).toEqual([1, 1]);
    expect(failed.lines('error')).toEqual([expect.stringContaining('no way')]);
    expect(log.lines('info')).toHaveLength(1);
    expect(cluster.listenerCount('fork')).toBe(0);
  });

  it('a fork does not suspend a closed client', () => {
    const client = new Client();
    listen(client);
    expect(cluster.listenerCount('fork')).toBe(1);
    client.connectionState$.complete();
    expect(cluster.listenerCount('fork')).toBe(0);
    fork();
    expect(client.suspensions).toBe(0);
  });

  it('a client that is no longer referenced is garbage-collected and stops listening for forks', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    listen(new Client());
    await until(() => {
      collect();
      expect(cluster.listenerCount('fork')).toBe(0);
    });
  });

  it('a fork leaves an already suspended client alone and logs nothing', () => {
    const client = new Client();
    client.suspended = true;
    const log = listen(client);
    fork();
    expect(client.suspensions).toBe(0);
    expect(log.lines()).toEqual([]);
    expect(cluster.listenerCount('fork')).toBe(0);
  });

  it('a service that was suspended before the fork logs nothing about it', async () => {
    const server = await serve({ envelope: envelopeOf({ generation: 1 }) });
    for (const options of [{ datafile: envelopeOf({ generation: 1 }) }, optionsFor(server)]) {
      const logger = new RecordingLogger();
      const more = { logger, cluster: 'suspend-primary' } as const;
      const service = await QuonfigService.create({ ...options, ...more });
      service.suspend();
      fork();
      expect(service.connectionState()).toBe('disconnected');
      expect(logger.text).not.toContain('forked a worker');
      await service.close();
    }
  });

  it('a fork suspends a service with a datafile too', async () => {
    const service = await QuonfigService.create({
      datafile: envelopeOf({ generation: 1 }),
      cluster: 'suspend-primary',
      logger: new RecordingLogger(),
    });
    fork();
    expect(service.connectionState()).toBe('disconnected');
    await service.resume();
    expect(service.connectionState()).toBe('connected');
    await service.close();
    expect(cluster.listenerCount('fork')).toBe(0);
  });
});
