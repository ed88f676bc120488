import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkFailed } from '../../lib/delivery/delivery.messages.js';
import { LocalDelivery } from '../../lib/delivery/local-delivery.js';
import { localSource } from '../../lib/delivery/local-source.js';
import { ConfigStore, Snapshot } from '../../lib/store/index.js';
import { unknownOperator } from '../../lib/store/workspace-check.messages.js';
import { constant, envelope, flagWhen, serviceWith, when } from '../support/configs.js';
import { until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';

const host = {
  now: Date.now,
  random: Math.random,
  env: () => undefined,
  warnOnce: () => undefined,
};

/** A service with a thousand flags, the last of which has a mistake. */
async function largeService() {
  // Every reading of this clock is 10 ms later, so each slice of work is over at once.
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 10));
  onTestFinished(() => clock.mockRestore());
  const flags = Array.from({ length: 1_000 }, (_, at) => constant(`flag-${at}`, 'bool', true));
  const broken = flagWhen('broken', when('NOT_AN_OPERATOR', 'user.plan', 'pro'));
  const logger = new RecordingLogger();
  const service = await serviceWith({ datafile: envelope([...flags, broken]), logger });
  return { service, logger };
}

describe('mistakes in a large workspace', () => {
  it('startup does not wait for the check of a large workspace, which logs its findings later', async () => {
    const { service, logger } = await largeService();
    expect(service.get('flag-999')).toBe(true);
    expect(logger.problems).toEqual([]);
    await until(() =>
      expect(logger.problems).toEqual([
        expect.stringContaining(unknownOperator('NOT_AN_OPERATOR')),
      ]),
    );
  });

  it('close() waits for the check of the workspace, so that a process that ends at once learns of mistakes', async () => {
    const { service, logger } = await largeService();
    await service.close();
    expect(logger.problems).toEqual([expect.stringContaining(unknownOperator('NOT_AN_OPERATOR'))]);
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(logger.problems).toHaveLength(1);
  });

  it('a check that fails is logged, and the configs are used all the same', async () => {
    const logger = new RecordingLogger();
    const source = localSource({
      source: 'datafile',
      datadir: undefined,
      datafile: envelope([constant('a', 'bool', true)]),
      environment: undefined,
    });
    source.layoutFindings = () => Promise.reject(new Error('no memory'));
    const store = new ConfigStore();
    const delivery = new LocalDelivery({
      store,
      source,
      watcher: undefined,
      initTimeout: 1_000,
      logger,
      warnOnce: (message) => logger.warn(message),
      isolate: (_, source$) => source$,
      toSnapshot: (loaded, from) => Snapshot.fromEnvelope(loaded, from, host),
    });
    onTestFinished(() => delivery.close());
    await delivery.load();
    await until(() => expect(logger.problems).toEqual([`warn ${checkFailed('no memory')}`]));
    expect(store.find('a')?.fixedValue).toBe(true);
  });
});
