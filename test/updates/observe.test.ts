import { describe, expect, it } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import { observedReadFailed } from '../../lib/reads/reads.messages.js';
import {
  constant,
  EnvelopeFile,
  flagWhen,
  serviceWith,
  thrownBy,
  when,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

async function start(configs: unknown[], log = new RecordingLogger()) {
  const file = new EnvelopeFile(configs);
  const service: QuonfigService = await serviceWith({ datafile: file.path, logger: log });
  const install = async (next: unknown[]) => {
    file.set(next);
    await service.refresh();
  };
  return { service, install };
}

describe('an observed config', () => {
  it('an observed config emits its current value at once, then each different one', async () => {
    const { service, install } = await start([constant('n', 'int', 1)]);
    const seen: unknown[] = [];
    service.observe('n').subscribe((value) => seen.push(value));
    expect(seen).toEqual([1]);
    for (const n of [1, 2, 2, 3]) {
      await install([constant('n', 'int', n), constant('noise', 'int', seen.length)]);
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('an observed config emits nothing when a JSON value arrives again with the same content', async () => {
    const { service, install } = await start([constant('j', 'json', { a: [1], b: 2 })]);
    const seen: unknown[] = [];
    service.observe('j').subscribe((value) => seen.push(value));
    await install([constant('j', 'json', { b: 2, a: [1] }), constant('noise', 'int', 1)]);
    await install([constant('j', 'json', { a: [1, 2], b: 2 })]);
    expect(seen).toEqual([
      { a: [1], b: 2 },
      { a: [1, 2], b: 2 },
    ]);
  });

  it('an observed config is evaluated with the contexts passed to observe', async () => {
    const proWhen = (plan: string) => flagWhen('f', when('PROP_IS_ONE_OF', 'user.plan', [plan]));
    const { service, install } = await start([proWhen('pro')]);
    const seen: unknown[] = [];
    service.observe('f', { user: { plan: 'pro' } }).subscribe((on) => seen.push(on));
    await install([proWhen('free')]);
    await install([proWhen('pro')]);
    expect(seen).toEqual([true, false, true]);
  });

  it('an observed config emits the default while it is missing, and its value once it arrives', async () => {
    const { service, install } = await start([]);
    const seen: unknown[] = [];
    const plain: unknown[] = [];
    service.observe('n', undefined, 0).subscribe((value) => seen.push(value));
    service.observe('n').subscribe((value) => plain.push(value));
    await install([constant('n', 'int', 1)]);
    await install([]);
    expect(seen).toEqual([0, 1, 0]);
    expect(plain).toEqual([undefined, 1, undefined]);
  });

  it('an observed config keeps its last value, with a warning, while it is unusable', async () => {
    const log = new RecordingLogger();
    const { service, install } = await start([constant('n', 'int', 1)], log);
    const seen: unknown[] = [];
    const failures: unknown[] = [];
    service.observe('n').subscribe({
      next: (value) => seen.push(value),
      error: (error) => failures.push(error),
    });
    await install([constant('n', 'int', 'pl4in')]);
    const error = thrownBy(() => service.get('n'));
    expect(log.messages('warn')).toContain(observedReadFailed('n', error));
    await install([constant('n', 'int', 2)]);
    expect(seen).toEqual([1, 2]);
    expect(failures).toEqual([]);
    expect(log.messages().join()).not.toContain('pl4in');
  });

  it('every observer starts with the current value', async () => {
    const { service, install } = await start([constant('n', 'int', 1)]);
    const values$ = service.observe('n');
    const early: unknown[] = [];
    const late: unknown[] = [];
    const subscription = values$.subscribe((value) => early.push(value));
    await install([constant('n', 'int', 2)]);
    values$.subscribe((value) => late.push(value));
    subscription.unsubscribe();
    await install([constant('n', 'int', 3)]);
    expect(early).toEqual([1, 2]);
    expect(late).toEqual([2, 3]);
  });

  it('an observed config completes when the service closes, and later observers receive the last value', async () => {
    const { service } = await start([constant('n', 'int', 1)]);
    const ends: string[] = [];
    service.observe('n').subscribe({ complete: () => ends.push('early') });
    await service.close();
    const seen: unknown[] = [];
    service.observe('n').subscribe({
      next: (value) => seen.push(value),
      complete: () => ends.push('late'),
    });
    expect(seen).toEqual([1]);
    expect(ends).toEqual(['early', 'late']);
  });

  it('an observed config emits only values that reads already return', async () => {
    const { service, install } = await start([constant('n', 'int', 1)]);
    const seen: unknown[] = [];
    service.observe<number>('n').subscribe((value) => seen.push([value, service.get('n')]));
    await install([constant('n', 'int', 2)]);
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});
