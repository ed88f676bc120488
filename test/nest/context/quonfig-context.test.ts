import 'reflect-metadata';
import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QuonfigContext, QuonfigModule, QuonfigService } from '../../../lib/index.js';
import { thrownBy } from '../../support/configs.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

@Injectable()
class Jobs {
  constructor(
    readonly quonfig: QuonfigService,
    readonly context: QuonfigContext,
  ) {}

  owner(): string {
    return this.quonfig.getString('owner');
  }
}

let jobs: Jobs;
let stop: () => Promise<void>;

beforeEach(async () => {
  const app = await NestFactory.createApplicationContext(
    {
      module: Jobs,
      imports: [
        QuonfigModule.forRoot({
          datafile: rulesByUser(),
          logger: new RecordingLogger(),
          globalContext: { user: { key: 'ben' } },
        }),
      ],
      providers: [Jobs],
    },
    { logger: false },
  );
  jobs = app.get(Jobs);
  stop = () => app.close();
});

afterEach(() => stop());

describe('QuonfigContext in an application without HTTP', () => {
  it('reads inside run() use its contexts, and reads outside use the global ones', async () => {
    expect(jobs.owner()).toBe('ben');
    const inside = await jobs.context.run({ user: { key: 'job' } }, async () => {
      await delay(1);
      return jobs.owner();
    });
    expect(inside).toBe('job');
    expect(jobs.owner()).toBe('ben');
  });

  it('1,000 concurrent jobs each read with their own contexts', async () => {
    const owners = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        jobs.context.run({ user: { key: `u${index % 10}` } }, async () => {
          await delay(index % 5);
          return jobs.owner();
        }),
      ),
    );
    expect(owners).toEqual(owners.map((_, index) => `u${index % 10}`));
  });

  it('run() returns what the function returns, and rethrows what it throws', () => {
    const contexts = { user: { key: 'job' } };
    expect(jobs.context.run(contexts, () => 7)).toBe(7);
    const failure = new Error('job failed');
    expect(
      thrownBy(() =>
        jobs.context.run(contexts, () => {
          throw failure;
        }),
      ),
    ).toBe(failure);
    expect(jobs.context.current()).toBeUndefined();
  });

  it('an inner run() replaces only the contexts that it names', () => {
    jobs.context.run({ user: { key: 'job' }, tenant: { key: 't-1' } }, () => {
      jobs.context.run({ tenant: { key: 't-2' } }, () => {
        expect(jobs.context.current()).toEqual({ user: { key: 'job' }, tenant: { key: 't-2' } });
        expect(jobs.owner()).toBe('job');
      });
      expect(jobs.context.current()).toEqual({ user: { key: 'job' }, tenant: { key: 't-1' } });
    });
  });

  it('merge() lasts until the end of the run, and leaves the outer run unchanged', () => {
    jobs.context.run({ user: { key: 'job' } }, () => {
      jobs.context.run({}, () => {
        jobs.context.merge({ user: { key: 'merged' } });
        expect(jobs.owner()).toBe('merged');
      });
      expect(jobs.owner()).toBe('job');
    });
  });

  it('current() returns a copy, without bound and global contexts', () => {
    jobs.context.run({ user: { key: 'job' } }, () => {
      jobs.context.current()!['user'] = { key: 'changed' };
      expect(jobs.context.current()).toEqual({ user: { key: 'job' } });
    });
    expect(jobs.context.current()).toBeUndefined();
  });

  it('merge() outside of a request and run() throws no_request_context with the remedy', () => {
    expect(thrownBy(() => jobs.context.merge({ user: { key: 'a' } }))).toMatchObject({
      code: 'no_request_context',
      message: expect.stringContaining('QuonfigContext.run'),
    });
  });

  it('an event reaches its listener with the contexts of its emitter', () => {
    const bus = new EventEmitter();
    const heard: string[] = [];
    bus.on('order', () => heard.push(jobs.owner()));
    for (const key of ['anna', 'job']) {
      jobs.context.run({ user: { key } }, () => bus.emit('order'));
    }
    bus.emit('order');
    expect(heard).toEqual(['anna', 'job', 'ben']);
  });

  it('a bound job in an in-process queue reads with the contexts of the code that added it', async () => {
    const waiting: (() => Promise<unknown>)[] = [];
    let working = false;
    // One job at a time: the one that ends starts the next.
    const work = async (): Promise<void> => {
      if (working) return;
      working = true;
      for (let job = waiting.shift(); job; job = waiting.shift()) await job();
      working = false;
    };
    const owners: string[] = [];
    const job = async (): Promise<void> => {
      await delay(1);
      owners.push(jobs.owner());
    };
    const addAll = (bound: (added: typeof job) => typeof job): void => {
      for (const key of ['anna', 'job', 'call']) {
        jobs.context.run({ user: { key } }, () => {
          waiting.push(bound(job));
          void work();
        });
      }
    };
    addAll((added) => added);
    await expect.poll(() => owners).toEqual(['anna', 'anna', 'anna']);
    owners.length = 0;
    addAll((added) => AsyncResource.bind(added));
    await expect.poll(() => owners).toEqual(['anna', 'job', 'call']);
  });

  it('a live value that is read inside run() uses its contexts', () => {
    const owner = jobs.quonfig.live<string>('owner');
    expect(owner.value).toBe('ben');
    expect(jobs.context.run({ user: { key: 'job' } }, () => owner.value)).toBe('job');
  });

  it('details, explain and raw matches use the contexts of run()', () => {
    jobs.context.run({ user: { key: 'job' } }, () => {
      expect(jobs.quonfig.getStringDetails('owner').value).toBe('job');
      expect(jobs.quonfig.explain('owner').outcome.value).toBe('job');
      expect(jobs.quonfig.getRawMatch('owner')?.config.value).toBe('job');
    });
  });
});
