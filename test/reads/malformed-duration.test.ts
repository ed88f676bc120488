import { describe, expect, it } from 'vitest';
import { malformedDuration } from '../../lib/evaluation/evaluation.messages.js';
import type { OnNoDefault, QuonfigService } from '../../lib/index.js';
import { config, constant, rule, serviceOf, setEnv, thrownBy, value } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

const MALFORMED = '30 pl4in seconds';

describe.each([
  ['stored', constant('it', 'duration', MALFORMED)],
  [
    'provided',
    config('it', 'duration', [rule(value('provided', { lookup: 'QUONFIG_TEST_DURATION' }))]),
  ],
])('a malformed duration that is %s', (_, malformed) => {
  function service(onNoDefault: OnNoDefault, log = new RecordingLogger()): Promise<QuonfigService> {
    setEnv({ QUONFIG_TEST_DURATION: MALFORMED });
    return serviceOf([malformed], { onNoDefault, logger: log });
  }

  const getters = ['get', 'getDuration', 'getNumber', 'getString', 'getBool', 'getJSON'] as const;

  it.each(['error', 'warn', 'ignore'] as const)(
    'a malformed duration reads as the explicit default, never 0, under onNoDefault "%s"',
    async (policy) => {
      const quonfig = await service(policy);
      for (const getter of getters) {
        expect(quonfig[getter as 'get']('it', undefined, 5000)).toBe(5000);
      }
    },
  );

  it('a malformed duration throws under onNoDefault "error", naming the key but not the value', async () => {
    const quonfig = await service('error');
    for (const getter of getters) {
      const error = thrownBy(() => quonfig[getter as 'get']('it')) as Error;
      expect(error).toMatchObject({ code: 'unable_to_coerce_env_var' });
      expect(error.message).toContain('"it"');
      expect(error.message).not.toContain('pl4in');
    }
    expect(thrownBy(() => quonfig.isEnabled('it'))).toMatchObject({
      code: 'unable_to_coerce_env_var',
    });
  });

  it.each(['warn', 'ignore'] as const)(
    'a malformed duration reads as undefined under onNoDefault "%s"',
    async (policy) => {
      const quonfig = await service(policy);
      for (const getter of getters) expect(quonfig[getter as 'get']('it')).toBeUndefined();
      expect(quonfig.isEnabled('it')).toBe(false);
    },
  );

  it('a malformed duration has error details without a value', async () => {
    const quonfig = await service('error');
    for (const details of [
      quonfig.getDurationDetails('it'),
      quonfig.getNumberDetails('it'),
      quonfig.explain('it').outcome,
    ]) {
      expect(details).toMatchObject({ value: undefined, reason: 'ERROR', errorCode: 'GENERAL' });
      expect(details.errorMessage).not.toContain('pl4in');
    }
  });

  it.each<[string, (quonfig: QuonfigService) => unknown]>([
    ['getters', (quonfig) => quonfig.getDuration('it', undefined, 1)],
    ['details', (quonfig) => quonfig.getDurationDetails('it')],
    ['observers', (quonfig) => quonfig.observe('it').subscribe()],
    ['isEnabled', (quonfig) => quonfig.isEnabled('it')],
  ])(
    'a malformed duration causes one warning, without its value, however often %s read it',
    async (__, read) => {
      const log = new RecordingLogger();
      const quonfig = await service('ignore', log);
      // The workspace check has warned already.
      log.clear();
      for (let round = 0; round < 3; round++) read(quonfig);
      expect(log.messages('warn')).toEqual([malformedDuration('it')]);
      // Other kinds of reads log no further warning.
      quonfig.get('it');
      quonfig.getNumberDetails('it');
      expect(log.messages('warn')).toHaveLength(1);
      expect(log.messages('warn')[0]).not.toContain('pl4in');
    },
  );

  it('observers of a malformed duration receive the default', async () => {
    const seen: unknown[] = [];
    (await service('error')).observe('it', undefined, 5000).subscribe((ms) => seen.push(ms));
    expect(seen).toEqual([5000]);
  });

  it('a malformed duration does not affect other keys', async () => {
    setEnv({ QUONFIG_TEST_DURATION: MALFORMED });
    const quonfig = await serviceOf([malformed, constant('other', 'duration', 'PT1S')]);
    expect(thrownBy(() => quonfig.getDuration('it'))).toBeInstanceOf(Error);
    expect(quonfig.getDuration('other')).toBe(1000);
  });
});
