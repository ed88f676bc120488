import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigRefresh, QuonfigService } from '../../lib/index.js';
import { constant, EnvelopeFile, serviceWith } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';

const first = envelopeOf({ generation: 1, values: { a: 'b' } });

function observed(service: QuonfigService): QuonfigRefresh[] {
  const refreshes: QuonfigRefresh[] = [];
  service.refreshes$.subscribe((refresh) => refreshes.push(refresh));
  return refreshes;
}

const causesOf = (refreshes: readonly QuonfigRefresh[]): string[] =>
  refreshes.map(({ cause }) => cause);

describe('refreshes$', () => {
  it('the first load is emitted to each subscriber, then each refresh once it ends', async () => {
    const before = Date.now();
    const { service } = await connectTo(await serve({ envelope: first }));
    const refreshes = observed(service);
    expect(causesOf(refreshes)).toEqual(['load']);
    const [{ startedAt, durationMs, ...others }] = refreshes as [QuonfigRefresh];
    expect(startedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(startedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(durationMs).toBeGreaterThan(0);
    expect(others).toEqual({ cause: 'load' });
    await service.refresh();
    expect(causesOf(refreshes)).toEqual(['load', 'request']);
    expect(causesOf(observed(service))).toEqual(['load']);
  });

  it('a refresh that fails is emitted with its error', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    const refreshes = observed(service);
    await server.close();
    const error: unknown = await service.refresh().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'network_error' });
    expect(refreshes.slice(1)).toEqual([expect.objectContaining({ cause: 'request', error })]);
  });

  it('a first load that fails is emitted once, with all its attempts', async () => {
    const server = await serve({ envelope: first });
    server.configs.answerNext({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    const { service } = await connectTo(server);
    expect(causesOf(observed(service))).toEqual(['load']);
  });

  it('a first load without configs is emitted with its error', async () => {
    const server = await serve({ envelope: first });
    const { url } = server;
    await server.close();
    const options = { initTimeout: 300, onInitFailure: 'return-defaults' } as const;
    const { service } = await connectTo({ url }, options);
    const [load] = observed(service);
    expect(load).toMatchObject({ cause: 'load', error: { code: 'initialization_timeout' } });
  });

  it('polls are emitted with the cause "poll"', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, {
      enableSSE: false,
      fallbackPollIntervalMs: 1_000,
    });
    const refreshes = observed(service);
    await until(() => expect(causesOf(refreshes)).toContain('poll'));
  });

  it('reading a file on request is emitted as a refresh, with the error if the file is broken', async () => {
    const file = new EnvelopeFile([constant('limit', 'int', 1)]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const refreshes = observed(service);
    file.write('broken');
    const error: unknown = await service.refresh().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(refreshes).toEqual([
      expect.objectContaining({ cause: 'load' }),
      expect.objectContaining({ cause: 'request', error }),
    ]);
  });

  it('reading a directory after an edit is emitted as a refresh', async () => {
    const workspace = createWorkspace();
    onTestFinished(() => workspace.cleanup());
    workspace.writeFile('quonfig.json', '{"environments": ["production"]}');
    workspace.write(stringConfig('greeting', 'hello'));
    const service = await serviceWith({
      datadir: workspace.path,
      environment: 'production',
      dataDirAutoReload: true,
      dataDirAutoReloadDebounceMs: 60,
      logger: new RecordingLogger(),
    });
    const refreshes = observed(service);
    workspace.write(stringConfig('greeting', 'bonjour'));
    await until(() => expect(service.get('greeting')).toBe('bonjour'));
    await until(() => expect(causesOf(refreshes).slice(0, 2)).toEqual(['load', 'watch']));
  });

  it('close() completes refreshes$, and nothing is emitted afterwards', async () => {
    const { service } = await connectTo(await serve({ envelope: first }));
    const events: string[] = [];
    service.refreshes$.subscribe({
      next: ({ cause }) => events.push(cause),
      complete: () => events.push('complete'),
    });
    const refresh = service.refresh().catch(() => undefined);
    await service.close();
    await refresh;
    await service.refresh().catch(() => undefined);
    expect(events).toEqual(['load', 'complete']);
  });
});
