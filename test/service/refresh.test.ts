import { describe, expect, it, vi } from 'vitest';
import type { QuonfigUpdate } from '../../lib/index.js';
import { constant, envelope, EnvelopeFile, serviceWith } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

describe('refresh', () => {
  it('refresh reads the source again and reports what changed', async () => {
    const file = new EnvelopeFile([constant('n', 'int', 1), constant('gone', 'int', 1)]);
    const updates: QuonfigUpdate[] = [];
    const onConfigUpdate = (update: QuonfigUpdate) => updates.push(update);
    const service = await serviceWith({
      datafile: file.path,
      onConfigUpdate,
      logger: new RecordingLogger(),
    });
    expect(updates).toHaveLength(1);
    expect(updates[0]).toMatchObject({ source: 'datafile', added: ['n', 'gone'] });

    file.set([constant('n', 'int', 2), constant('new', 'int', 1)]);
    await service.refresh();
    expect(service.get('n')).toBe(2);
    expect(service.keys()).toEqual(['n', 'new']);
    expect(updates).toHaveLength(2);
    expect(updates[1]).toMatchObject({ added: ['new'], changed: ['n'], removed: ['gone'] });
    expect(service.configInstallCount()).toBe(2);
    expect(service.heldGeneration()).toBe(0);
  });

  it('refresh installs nothing when the content is unchanged, and still counts as a success', async () => {
    const file = new EnvelopeFile([constant('n', 'json', { a: 1 })]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    const first = service.lastSuccessfulRefresh()!;
    const value = service.getJSON('n');
    file.set([constant('n', 'json', { a: 1 })]);
    await service.refresh();
    expect(service.configInstallCount()).toBe(1);
    expect(service.getJSON('n')).toBe(value);
    expect(service.lastSuccessfulRefresh()!.getTime()).toBeGreaterThanOrEqual(first.getTime());
    expect(service.lastSuccessfulRefresh()).not.toBe(first);
  });

  it('refresh installs nothing when the datafile is an object, which is copied when passed', async () => {
    const datafile = envelope([constant('n', 'int', 1), constant('j', 'json', { a: 1 })]);
    const service = await serviceWith({ datafile, logger: new RecordingLogger() });
    datafile.configs.length = 0;
    datafile.meta.version = 'changed';
    await service.refresh();
    expect(service.configInstallCount()).toBe(1);
    expect(service.keys()).toEqual(['n', 'j']);
  });

  it.each([
    ['invalid JSON', '{"configs": ['],
    ['an invalid envelope', '{"configs": {}}'],
    ['only invalid configs', '{"configs": [5], "meta": {"version": "v9"}}'],
  ])('refresh rejects a file with %s as a whole and keeps the current configs', async (_, text) => {
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const onConfigUpdate = vi.fn();
    const service = await serviceWith({
      datafile: file.path,
      onConfigUpdate,
      logger: new RecordingLogger(),
    });
    file.write(text);
    await expect(service.refresh()).rejects.toBeInstanceOf(Error);
    expect(service.get('n')).toBe(1);
    expect(onConfigUpdate).toHaveBeenCalledTimes(1);
    expect(service.metrics()).toMatchObject({ installs: 1, failedRefreshes: 1 });
    expect(service.metrics().lastError).toContain(file.path);
    // The next refresh works.
    file.set([constant('n', 'int', 2)]);
    await service.refresh();
    expect(service.get('n')).toBe(2);
  });

  it('refresh skips an invalid config and installs the valid ones', async () => {
    const log = new RecordingLogger();
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const service = await serviceWith({ datafile: file.path, logger: log });
    file.set([constant('n', 'int', 2), { key: 'bad', secret: 'pl4in' }]);
    await service.refresh();
    expect(service.keys()).toEqual(['n']);
    expect(log.messages('warn')).toHaveLength(1);
    expect(log.messages('warn')[0]).toContain('"bad"');
    expect(log.messages().join()).not.toContain('pl4in');
  });

  it('refresh loads the first configs of a service that started without any', async () => {
    const file = new EnvelopeFile([]);
    file.write('nothing yet');
    const service = await serviceWith({
      datafile: file.path,
      onInitFailure: 'return-defaults',
      logger: new RecordingLogger(),
    });
    expect(service.get('n', undefined, 0)).toBe(0);
    file.set([constant('n', 'int', 1)]);
    await service.refresh();
    expect(service.ready()).toBe(true);
    expect(service.get('n', undefined, 0)).toBe(1);
    expect(service.connectionState()).toBe('connected');
  });
});
