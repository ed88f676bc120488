import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { impairmentOf } from '../../lib/terminus/health-verdict.js';
import { olderThanFiles } from '../../lib/terminus/terminus.messages.js';
import { unknownOperator } from '../../lib/store/workspace-check.messages.js';
import { directoryMisnamed } from '../../lib/sources/datadir/workspace-hints.messages.js';
import { constant, EnvelopeFile, flagWhen, serviceWith, when } from '../support/configs.js';
import { until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';

function workspace() {
  const made = createWorkspace({ configs: [stringConfig('a', '1')] });
  onTestFinished(() => made.cleanup());
  return made;
}

function expectOlder(service: QuonfigService, file: string): void {
  const health = service.health();
  expect(health).toMatchObject({ ready: true, olderThanFiles: true });
  expect(health.lastError).toContain(file);
  expect(service.explain('a')).toMatchObject({ olderThanFiles: true, outcome: { value: '1' } });
  expect(service.explain('unknown')).toMatchObject({ olderThanFiles: true });
  expect(impairmentOf(health, undefined)).toBe(olderThanFiles);
}

function expectCurrent(service: QuonfigService): void {
  const health = service.health();
  expect(health.olderThanFiles).toBe(false);
  expect(service.explain('a')).not.toHaveProperty('olderThanFiles');
  expect(impairmentOf(health, undefined)).toBeUndefined();
}

describe('files that cannot be reread', () => {
  it('health and explain say that the configs are older than a watched file, until it is corrected', async () => {
    const made = workspace();
    const service = await serviceWith({
      datadir: made.path,
      environment: 'production',
      dataDirAutoReload: true,
      logger: new RecordingLogger(),
    });
    expectCurrent(service);

    made.writeFile('configs/a.json', '{ broken');
    await until(() => expectOlder(service, join(made.path, 'configs/a.json')));
    made.write(stringConfig('a', '2'));
    await until(() => expectCurrent(service));
    expect(service.get('a')).toBe('2');
  });

  it('health and explain return olderThanFiles after a failed refresh of a datafile, until one succeeds', async () => {
    const file = new EnvelopeFile([constant('a', 'string', '1')]);
    const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
    file.write('{ broken');
    await expect(service.refresh()).rejects.toMatchObject({ code: 'invalid_workspace' });
    expectOlder(service, file.path);
    file.set([constant('a', 'string', '1')]);
    await service.refresh();
    expectCurrent(service);
  });

  it('before the first load, no configs are reported as older than the files', async () => {
    const service = await serviceWith({
      datafile: '/nowhere/at/all.json',
      onInitFailure: 'return-defaults',
      logger: new RecordingLogger(),
    });
    expect(service.health()).toMatchObject({ ready: false, olderThanFiles: false });
  });
});

describe('the file check at startup', () => {
  it('the configs of a datafile are checked like those of a datadir', async () => {
    const log = new RecordingLogger();
    const flag = flagWhen('pro', when('PROP_LIKE', 'user.plan', ['pro']));
    await serviceWith({ datafile: new EnvelopeFile([flag]).path, logger: log });
    await until(() =>
      expect(log.messages('warn')).toEqual([expect.stringContaining(unknownOperator('PROP_LIKE'))]),
    );
  });

  it('a misnamed directory in a datadir causes a warning', async () => {
    const made = workspace();
    made.writeFile('config/b.json', '{}');
    const log = new RecordingLogger();
    await serviceWith({ datadir: made.path, environment: 'production', logger: log });
    const misnamed = directoryMisnamed(join(made.path, 'config'), 'configs');
    await until(() => expect(log.messages('warn')).toEqual([misnamed]));
  });
});
