import { map } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { constant, EnvelopeFile, serviceWith } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { uncaught } from '../support/uncaught.js';

async function start() {
  const log = new RecordingLogger();
  const file = new EnvelopeFile([constant('n', 'int', 1)]);
  const service = await serviceWith({ datafile: file.path, logger: log });
  const install = async (n: number) => {
    file.set([constant('n', 'int', n)]);
    await service.refresh();
  };
  return { service, install, log };
}

describe('application subscribers', () => {
  it('a subscriber that throws is logged, counted and called again, and affects neither others nor the process', async () => {
    const { service, install, log } = await start();
    const seen: string[] = [];
    const fails = vi.fn(() => {
      throw new Error('of the application');
    });
    service.updates$.subscribe(fails);
    service.updates$.subscribe({ next: fails });
    service.updates$.pipe(map(({ changed }) => changed[0])).subscribe(fails);
    service.observe('n').subscribe(fails);
    service.updates$.subscribe(({ version }) => seen.push(version));

    const errors = await uncaught(async () => {
      await install(2);
      await install(3);
    });

    expect(errors).toEqual([]);
    expect(seen).toHaveLength(2);
    expect(fails).toHaveBeenCalledTimes(9);
    expect(service.metrics().callbackErrors).toBe(9);
    expect(log.messages().join('\n')).toContain('A subscriber of updates$');
    expect(log.messages().join('\n')).toContain("A subscriber of observe('n')");
    expect(log.messages().join('\n')).toContain('of the application');
  });

  it('the rejection of an asynchronous subscriber is handled and counted', async () => {
    const { service, install } = await start();
    service.updates$.subscribe(async () => {
      await Promise.reject(new Error('later'));
    });
    await install(2);
    await vi.waitFor(() => expect(service.metrics().callbackErrors).toBe(1));
  });

  it('a subscriber may unsubscribe, and the others complete when the service closes', async () => {
    const { service, install } = await start();
    const next = vi.fn();
    const complete = vi.fn();
    const subscription = service.updates$.subscribe({ next, complete });
    service.updates$.subscribe({ complete });
    await install(2);
    subscription.unsubscribe();
    await install(3);
    await service.close();
    expect(next).toHaveBeenCalledTimes(1);
    expect(complete).toHaveBeenCalledTimes(1);
  });
});
