import { Logger } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  BoundQuonfig,
  type ConnectionState,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../lib/index.js';
import {
  constant,
  EnvelopeFile,
  flagWhen,
  serviceOf,
  serviceWith,
  when,
} from '../support/configs.js';
import { optionsFor, serve } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { constantDocument, createWorkspace } from '../support/workspace.js';

const pro = flagWhen('pro', when('PROP_IS_ONE_OF', 'user.plan', ['pro']));
const PRO = { user: { plan: 'pro' } };

describe('QuonfigService.create', () => {
  it('create() returns a service that reads a workspace directory for the requested environment', async () => {
    const workspace = createWorkspace({
      environments: ['production', 'staging'],
      configs: [
        {
          ...constantDocument('limit', 'config', 'int', '5'),
          environments: [
            { id: 'staging', rules: [{ criteria: [], value: { type: 'int', value: '7' } }] },
          ],
        },
        { ...constantDocument('ratio', 'config', 'double', '1.5') },
        { ...constantDocument('flag', 'feature_flag', 'bool', true) },
        { ...constantDocument('unread', 'schema', 'string', 'x') },
      ],
    });
    onTestFinished(() => workspace.cleanup());
    for (const [environment, limit] of [
      ['production', 5],
      ['staging', 7],
    ] as const) {
      const service = await serviceWith({
        datadir: workspace.path,
        environment,
        logger: new RecordingLogger(),
      });
      expect(service.get('limit')).toBe(limit);
      expect(service.getNumberDetails('limit').flagMetadata.environment).toBe(environment);
      expect(service.get('ratio')).toBe(1.5);
      expect(service.keys().sort()).toEqual(['flag', 'limit', 'ratio']);
      // Flags are always sent to clients, other configs only if they are marked.
      expect(service.rawConfig('flag')?.sendToClientSdk).toBe(true);
      expect(service.rawConfig('limit')?.sendToClientSdk).toBe(false);
    }
  });

  it('create() needs no argument when the environment has an SDK key', async () => {
    vi.stubEnv('QUONFIG_BACKEND_SDK_KEY', 'qf_sk_from_the_environment');
    const envelope = { meta: { version: 'v1' }, configs: [constant('limit', 'int', 7)] };
    vi.stubGlobal('fetch', async () => Response.json(envelope));
    for (const level of ['log', 'warn'] as const) {
      vi.spyOn(Logger.prototype, level).mockReturnValue(undefined);
    }
    onTestFinished(() => void vi.unstubAllEnvs().unstubAllGlobals().restoreAllMocks());
    const service = await QuonfigService.create();
    onTestFinished(() => service.close());
    expect(service.getNumber('limit')).toBe(7);
  });

  it('create() rejects invalid options with one error that lists every problem', async () => {
    const wrong = { datadir: 5, onNoDefault: 'throw' } as never;
    await expect(QuonfigService.create(wrong)).rejects.toMatchObject({
      code: 'invalid_options',
      problems: [expect.stringContaining('datadir'), expect.stringContaining('onNoDefault')],
    });
  });

  it('create() rejects with the cause of a failed first load, or starts without configs', async () => {
    const datafile = '/nowhere/at/all.json';
    await expect(
      QuonfigService.create({ datafile, logger: new RecordingLogger() }),
    ).rejects.toMatchObject({
      code: 'invalid_workspace',
    });
    const log = new RecordingLogger();
    const onInitFailure = 'return-defaults';
    const service = await serviceWith({ datafile, onInitFailure, logger: log });
    expect(service.ready()).toBe(false);
    expect(service.connectionState()).toBe('initializing');
    expect(service.lastSuccessfulRefresh()).toBeUndefined();
    expect(service.metrics()).toMatchObject({ installs: 0, failedRefreshes: 1 });
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain(datafile);
  });

  describe('QuonfigService.create with a source that never answers', () => {
    async function silent(): Promise<QuonfigModuleOptions> {
      const server = await serve();
      server.configs.answerAlways('hold');
      return optionsFor(server, { initTimeout: 10, logger: new RecordingLogger() });
    }

    it('create() rejects when initTimeout has passed', async () => {
      await expect(QuonfigService.create(await silent())).rejects.toMatchObject({
        code: 'initialization_timeout',
      });
    });

    it('create() starts without configs after initTimeout, and reads without a default throw', async () => {
      const service = await serviceWith({
        ...(await silent()),
        onInitFailure: 'return-defaults',
      });
      expect(() => service.get('any-key')).toThrow(
        expect.objectContaining({ code: 'missing_default' }),
      );
      expect(service.get('any-key', undefined, 'default')).toBe('default');
    });
  });
});

describe('withContext', () => {
  it('withContext returns a reader that can be bound again', async () => {
    const service = await serviceOf([pro]);
    const bound = service.withContext(PRO);
    expect(bound).toBeInstanceOf(BoundQuonfig);
    expect(bound.isEnabled('pro')).toBe(true);
    expect(service.isEnabled('pro')).toBe(false);
    const again = bound.withContext({ team: { key: 't-1' } });
    expect(again.isEnabled('pro')).toBe(true);
    expect(again.withContext({ user: {} }).isEnabled('pro')).toBe(false);
  });

  it('withContext calls a function with the reader and passes on its result, promises and errors included', async () => {
    const service = await serviceOf([pro]);
    expect(service.withContext(PRO, (bound) => bound.isEnabled('pro'))).toBe(true);
    const later = service.withContext(PRO, async (bound) => {
      await Promise.resolve();
      return bound.withContext({ team: {} }, (inner) => inner.isEnabled('pro'));
    });
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(true);
    expect(() =>
      service.withContext(PRO, () => {
        throw new Error('from inside');
      }),
    ).toThrow('from inside');
    expect(service.isEnabled('pro')).toBe(false);
  });

  it('a bound reader uses the configs that are current at each read', async () => {
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const bound = service.withContext(PRO);
    file.set([constant('n', 'int', 2)]);
    await service.refresh();
    expect(bound.get('n')).toBe(2);
  });
});

describe('live', () => {
  it('live returns the current value on every access and emits each different one', async () => {
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const live = service.live<number>('n', undefined, 0);
    const changes: number[] = [];
    live.changes$.subscribe((value) => changes.push(value));
    expect(live.value).toBe(1);
    for (const n of [2, 2, 3]) {
      file.set([constant('n', 'int', n), constant('other', 'int', Math.random())]);
      await service.refresh();
      expect(live.value).toBe(n);
    }
    file.set([]);
    await service.refresh();
    expect(live.value).toBe(0);
    expect(changes).toEqual([2, 3, 0]);
  });

  it('live throws what the getter would throw', async () => {
    const service = await serviceOf([]);
    const live = service.live('none');
    expect(() => live.value).toThrow(expect.objectContaining({ code: 'missing_default' }));
    expect(service.live('none', undefined, 'default').value).toBe('default');
  });

  it('live reads with the contexts passed to it', async () => {
    const service = await serviceOf([pro]);
    expect(service.live('pro', PRO).value).toBe(true);
    expect(service.live('pro').value).toBe(false);
  });
});

describe('an update callback that fails', () => {
  it.each<[string, () => unknown]>([
    [
      'an Error',
      () => {
        throw new Error('pl4in failure');
      },
    ],
    [
      'undefined',
      () => {
        throw undefined;
      },
    ],
    ['a rejection', () => Promise.reject(new Error('later failure'))],
  ])(
    'an update callback that fails with %s is logged and counted, and reads use the new configs',
    async (_, onConfigUpdate) => {
      const log = new RecordingLogger();
      const file = new EnvelopeFile([constant('n', 'int', 1)]);
      const service = await serviceWith({ datafile: file.path, onConfigUpdate, logger: log });
      file.set([constant('n', 'int', 2)]);
      await service.refresh();
      expect(service.get('n')).toBe(2);
      await vi.waitFor(() => expect(service.metrics().callbackErrors).toBe(2), { timeout: 10_000 });
      expect(
        log.messages().filter((line) => line.startsWith('onConfigUpdate failed')),
      ).toHaveLength(2);
    },
  );
});

describe('close', () => {
  it('close stops all live parts; reads continue and nothing more is installed', async () => {
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const states: ConnectionState[] = [];
    let ended = 0;
    service.connectionState$.subscribe({
      next: (state) => states.push(state),
      complete: () => ended++,
    });
    service.updates$.subscribe({ complete: () => ended++ });
    service.observe('n').subscribe({ complete: () => ended++ });
    await Promise.all([service.close(), service.close()]);
    await service.close();
    expect(ended).toBe(3);
    expect(states).toEqual(['connected', 'disconnected']);
    expect(service.connectionState()).toBe('disconnected');
    file.set([constant('n', 'int', 2)]);
    await expect(service.refresh()).rejects.toMatchObject({ code: 'closed' });
    expect(service.get('n')).toBe(1);
    expect(service.ready()).toBe(true);
    expect(service.withContext(PRO).get('n')).toBe(1);
    expect(service.live('n').value).toBe(1);
  });

  it('close during a refresh keeps the refresh from installing', async () => {
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    file.set([constant('n', 'int', 2)]);
    const refresh = service.refresh();
    await service.close();
    await expect(refresh).rejects.toMatchObject({ code: 'closed' });
    expect(service.get('n')).toBe(1);
  });
});

describe('suspend and resume', () => {
  it('suspend and resume change the connection state while reads continue', async () => {
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    service.suspend();
    expect(service.connectionState()).toBe('disconnected');
    expect(service.get('n')).toBe(1);
    file.set([constant('n', 'int', 2)]);
    await service.resume();
    expect(service.connectionState()).toBe('connected');
    expect(service.get('n')).toBe(2);
  });
});
