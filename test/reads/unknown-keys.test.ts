import { describe, expect, it, vi } from 'vitest';
import {
  type LogLevel,
  type OnUnknownKey,
  type QuonfigModuleOptions,
  type QuonfigService,
  UnknownKeyError,
} from '../../lib/index.js';
import * as closest from '../../lib/model/closest-name.js';
import {
  furtherUnknownKeysOmitted,
  keyUnknown,
  noConfigHasKey,
  noConfigsYet,
  noRulesForEnvironment,
  noValueFound,
  notInitialized,
  unknownKeyRead,
} from '../../lib/reads/reads.messages.js';
import {
  config,
  constant,
  EnvelopeFile,
  rule,
  serviceOf,
  serviceWith,
  thrownBy,
  when,
  yes,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

const CONFIGS = [
  constant('search.limit', 'int', 20),
  constant('new-checkout', 'bool', true),
  constant('log-level.shop', 'log_level', 'info'),
  config('unmatched', 'bool', [rule(yes, when('IS_PRESENT', 'user.none'))]),
];
const MISSPELLED = 'serach.limit';
const WARNING = unknownKeyRead(MISSPELLED, 'search.limit');
const LEVEL: { desiredLevel: LogLevel } = { desiredLevel: 'info' };

const GETTERS = {
  get: 'text',
  getString: 'text',
  getNumber: 7,
  getBool: true,
  getStringList: ['x'],
  getDuration: 7,
  getJSON: { a: 1 },
} as const;

const DETAILS = [
  'getBoolDetails',
  'getStringDetails',
  'getNumberDetails',
  'getStringListDetails',
  'getJSONDetails',
  'getDurationDetails',
  'getDurationStringDetails',
] as const;

type Read = (quonfig: QuonfigService, key: string) => unknown;

/** Every read that returns something for an unknown key, and what it returns. */
const READS: [string, Read, unknown][] = [
  ...Object.entries(GETTERS).map(([getter, fallback]): [string, Read, unknown] => [
    `${getter} with a default`,
    (quonfig, key) => quonfig[getter as 'get'](key, null, fallback),
    fallback,
  ]),
  ['isEnabled', (quonfig, key) => quonfig.isEnabled(key), false],
  [
    'shouldLog with a configKey',
    (quonfig, key) => quonfig.shouldLog({ configKey: key, ...LEVEL, defaultLevel: 'debug' }),
    true,
  ],
  ['live with a default', (quonfig, key) => quonfig.live(key, null, 7).value, 7],
  ['observe with a default', (quonfig, key) => firstOf(quonfig, key, 7), 7],
  ['observe without a default', (quonfig, key) => firstOf(quonfig, key), undefined],
  [
    'a read of a bound client',
    (quonfig, key) => quonfig.withContext({ user: { key: 'u' } }).get(key, null, 7),
    7,
  ],
];

function firstOf(quonfig: QuonfigService, key: string, fallback?: number): unknown {
  const values: unknown[] = [];
  quonfig
    .observe(key, null, fallback)
    .subscribe((value) => values.push(value))
    .unsubscribe();
  return values[0];
}

async function start(onUnknownKey: OnUnknownKey | undefined, more: QuonfigModuleOptions = {}) {
  const logger = new RecordingLogger();
  const options = { logger, ...(onUnknownKey !== undefined && { onUnknownKey }), ...more };
  return { quonfig: await serviceOf(CONFIGS, options), logger };
}

/** A service whose configs can be replaced. */
async function startWithFile(onUnknownKey: OnUnknownKey, configs: unknown[]) {
  const logger = new RecordingLogger();
  const file = new EnvelopeFile(configs);
  const quonfig = await serviceWith({ datafile: file.path, logger, onUnknownKey });
  const install = async (next: unknown[]): Promise<void> => {
    file.set(next);
    await quonfig.refresh();
  };
  return { quonfig, logger, install };
}

describe('an unknown key under onUnknownKey "warn"', () => {
  it.each(READS)('%s warns once, with the key that was meant', async (_name, read, expected) => {
    const { quonfig, logger } = await start(undefined);
    for (let time = 0; time < 3; time++) expect(read(quonfig, MISSPELLED)).toEqual(expected);
    expect(logger.problems).toEqual([`warn ${WARNING}`]);
    expect(WARNING).toContain('Did you mean "search.limit"?');
  });

  it.each(DETAILS)('%s warns once and reports FLAG_NOT_FOUND', async (getter) => {
    const { quonfig, logger } = await start('warn');
    for (let time = 0; time < 3; time++) {
      expect(quonfig[getter](MISSPELLED)).toMatchObject({
        reason: 'ERROR',
        errorCode: 'FLAG_NOT_FOUND',
        errorMessage: keyUnknown(MISSPELLED, 'search.limit'),
      });
    }
    expect(logger.problems).toEqual([`warn ${WARNING}`]);
  });

  it.each(Object.keys(GETTERS))(
    '%s without a default warns, and throws missing_default with the key that was meant',
    async (getter) => {
      const { quonfig, logger } = await start('warn');
      const error = thrownBy(() => quonfig[getter as 'get'](MISSPELLED)) as Error;
      expect(error).toMatchObject({ code: 'missing_default' });
      expect(error.message).toContain('Did you mean "search.limit"?');
      expect(thrownBy(() => quonfig.live(MISSPELLED).value)).toMatchObject({
        code: 'missing_default',
      });
      expect(logger.problems).toEqual([`warn ${WARNING}`]);
    },
  );

  it('an unknown key causes one warning across all kinds of reads', async () => {
    const { quonfig, logger } = await start('warn');
    for (const [, read] of READS) read(quonfig, MISSPELLED);
    for (const getter of DETAILS) quonfig[getter](MISSPELLED);
    expect(logger.problems).toEqual([`warn ${WARNING}`]);
  });

  it('an unknown key under onNoDefault "warn" causes one warning, not two', async () => {
    for (const [, read] of READS) {
      const { quonfig, logger } = await start('warn', { onNoDefault: 'warn' });
      read(quonfig, MISSPELLED);
      expect(quonfig.get(MISSPELLED)).toBeUndefined();
      expect(logger.problems).toEqual([`warn ${WARNING}`]);
      quonfig.get('unmatched');
      expect(logger.problems.slice(1)).toEqual([
        `warn ${noValueFound('unmatched', noRulesForEnvironment('production'), 'undefined')}`,
      ]);
    }
  });

  it('a misspelled loggerKey causes one warning, and defaultLevel decides', async () => {
    const { quonfig, logger } = await start('warn', { loggerKey: 'log-level.shpo' });
    const request = { loggerPath: 'Cats', ...LEVEL };
    expect(quonfig.shouldLog(request)).toBe(false);
    expect(quonfig.shouldLog({ ...request, defaultLevel: 'debug' })).toBe(true);
    expect(logger.problems).toEqual([`warn ${unknownKeyRead('log-level.shpo', 'log-level.shop')}`]);
  });

  it('known keys cause no warning, with or without a value', async () => {
    const { quonfig, logger } = await start('warn', { onNoDefault: 'ignore' });
    for (const key of ['search.limit', 'unmatched']) {
      for (const [, read] of READS) read(quonfig, key);
      for (const getter of DETAILS) quonfig[getter](key);
    }
    expect(logger.problems).toEqual([]);
  });

  it('keys, rawConfig, getRawMatch and explain cause no warning', async () => {
    const { quonfig, logger } = await start('warn');
    quonfig.keys();
    expect(quonfig.rawConfig(MISSPELLED)).toBeUndefined();
    expect(quonfig.getRawMatch(MISSPELLED)).toBeUndefined();
    expect(quonfig.explain(MISSPELLED).outcome).toMatchObject({
      errorCode: 'FLAG_NOT_FOUND',
      errorMessage: keyUnknown(MISSPELLED, 'search.limit'),
    });
    expect(logger.problems).toEqual([]);
    quonfig.isEnabled(MISSPELLED);
    expect(logger.problems).toEqual([`warn ${WARNING}`]);
  });

  it('a key that resembles no other causes a warning without a suggestion', async () => {
    const { quonfig, logger } = await start('warn');
    quonfig.isEnabled('something.else');
    expect(logger.problems).toEqual([`warn ${unknownKeyRead('something.else', undefined)}`]);
    expect(logger.text).not.toContain('Did you mean');
  });

  it('a logger that reads the same unknown key is called once', async () => {
    const messages: string[] = [];
    const logger = {
      warn(message: string) {
        messages.push(message);
        quonfig.shouldLog({ configKey: MISSPELLED, ...LEVEL });
      },
      error() {},
    };
    const quonfig: QuonfigService = await serviceOf(CONFIGS, { logger });
    quonfig.isEnabled(MISSPELLED);
    expect(messages).toEqual([WARNING]);
  });
});

describe('an unknown key under onUnknownKey "silent"', () => {
  it('no read of an unknown key causes a message', async () => {
    const { quonfig, logger } = await start('silent', { loggerKey: 'log-level.shpo' });
    for (const [, read, expected] of READS) expect(read(quonfig, MISSPELLED)).toEqual(expected);
    for (const getter of DETAILS) {
      expect(quonfig[getter](MISSPELLED).errorCode).toBe('FLAG_NOT_FOUND');
    }
    quonfig.shouldLog({ loggerPath: 'Cats', ...LEVEL });
    expect(thrownBy(() => quonfig.get(MISSPELLED))).toMatchObject({ code: 'missing_default' });
    expect(logger.problems).toEqual([]);
  });

  it('onNoDefault "warn" still warns about each read without a value', async () => {
    const { quonfig, logger } = await start('silent', { onNoDefault: 'warn' });
    quonfig.get(MISSPELLED);
    quonfig.isEnabled(MISSPELLED);
    expect(logger.messages('warn')).toEqual([
      noValueFound(MISSPELLED, noConfigHasKey('search.limit'), 'undefined'),
      noValueFound(MISSPELLED, noConfigHasKey('search.limit'), 'false'),
    ]);
  });
});

describe('an unknown key under onUnknownKey "throw"', () => {
  it.each(READS)('%s throws unknown_key with the key that was meant', async (_name, read) => {
    for (const onNoDefault of ['error', 'warn', 'ignore'] as const) {
      const { quonfig, logger } = await start('throw', { onNoDefault });
      for (let time = 0; time < 2; time++) {
        const error = thrownBy(() => read(quonfig, MISSPELLED));
        expect(error).toBeInstanceOf(UnknownKeyError);
        expect(error).toMatchObject({
          name: 'UnknownKeyError',
          code: 'unknown_key',
          key: MISSPELLED,
          suggestion: 'search.limit',
          message: expect.stringContaining('Did you mean "search.limit"?') as string,
        });
      }
      expect(logger.problems).toEqual([]);
    }
  });

  it.each(Object.keys(GETTERS))('%s without a default throws unknown_key', async (getter) => {
    const { quonfig } = await start('throw');
    expect(thrownBy(() => quonfig[getter as 'get'](MISSPELLED))).toMatchObject({
      code: 'unknown_key',
    });
  });

  it('details report FLAG_NOT_FOUND and warn, because they never throw', async () => {
    const { quonfig, logger } = await start('throw');
    for (const getter of DETAILS) {
      expect(quonfig[getter](MISSPELLED)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    }
    expect(quonfig.explain(MISSPELLED).outcome.errorCode).toBe('FLAG_NOT_FOUND');
    expect(logger.problems).toEqual([`warn ${WARNING}`]);
  });

  it('a misspelled loggerKey causes a warning, because a logger must be able to call shouldLog', async () => {
    const { quonfig, logger } = await start('throw', { loggerKey: 'log-level.shpo' });
    expect(quonfig.shouldLog({ loggerPath: 'Cats', ...LEVEL })).toBe(false);
    expect(logger.problems).toHaveLength(1);
  });

  it('onUnknownKey does not change reads of known keys', async () => {
    const { quonfig } = await start('throw');
    expect(quonfig.get('search.limit')).toBe(20);
    expect(quonfig.isEnabled('new-checkout')).toBe(true);
    expect(quonfig.getBool('unmatched', null, true)).toBe(true);
    expect(thrownBy(() => quonfig.get('unmatched'))).toMatchObject({ code: 'missing_default' });
    expect(quonfig.shouldLog({ configKey: 'unmatched', ...LEVEL })).toBe(false);
    expect(firstOf(quonfig, 'unmatched', 7)).toBe(7);
  });

  it('an error without a suggestion has none in its message', async () => {
    const { quonfig } = await start('throw');
    const error = thrownBy(() => quonfig.isEnabled('something.else')) as UnknownKeyError;
    expect(error.suggestion).toBeUndefined();
    expect(error.message).not.toContain('Did you mean');
  });
});

describe('unknown keys and installs', () => {
  it.each(['warn', 'throw'] as const)(
    'no key is unknown before the first load under onUnknownKey "%s"',
    async (onUnknownKey) => {
      const logger = new RecordingLogger();
      const quonfig = await serviceWith({
        datafile: '/nowhere/at/all.json',
        onInitFailure: 'return-defaults',
        onUnknownKey,
        logger,
      });
      logger.clear();
      for (const [, read, expected] of READS) expect(read(quonfig, MISSPELLED)).toEqual(expected);
      for (const getter of DETAILS) {
        expect(quonfig[getter](MISSPELLED).errorMessage).toBe(notInitialized);
      }
      expect(logger.problems).toEqual([]);
    },
  );

  it('isEnabled before the first load warns under onNoDefault "warn" that nothing is loaded', async () => {
    const logger = new RecordingLogger();
    const quonfig = await serviceWith({
      datafile: '/nowhere/at/all.json',
      onInitFailure: 'return-defaults',
      onNoDefault: 'warn',
      logger,
    });
    logger.clear();
    expect(quonfig.isEnabled('new-checkout')).toBe(false);
    expect(logger.messages()).toEqual([noValueFound('new-checkout', noConfigsYet(), 'false')]);
  });

  it('a key causes another warning after each install that lacks it', async () => {
    const { quonfig, logger, install } = await startWithFile('warn', CONFIGS);
    const read = () => [quonfig.get(MISSPELLED, null, 1), quonfig.get(MISSPELLED, null, 1)];
    read();
    await install([constant('other', 'int', 1)]);
    read();
    await install([constant(MISSPELLED, 'int', 5)]);
    expect(read()).toEqual([5, 5]);
    expect(logger.messages('warn')).toEqual([WARNING, unknownKeyRead(MISSPELLED, undefined)]);
  });

  it('a key that an install removes is unknown from then on', async () => {
    const { quonfig, logger, install } = await startWithFile('warn', CONFIGS);
    expect(quonfig.getNumber('search.limit', null, 1)).toBe(20);
    await install([constant('search.limits', 'int', 1)]);
    expect(quonfig.getNumber('search.limit', null, 1)).toBe(1);
    expect(logger.messages('warn')).toEqual([unknownKeyRead('search.limit', 'search.limits')]);
  });

  it('under "throw", live and observe continue when an install removes their key and brings it back', async () => {
    const { quonfig, logger, install } = await startWithFile('throw', CONFIGS);
    const live = quonfig.live<number>('search.limit');
    const observed: unknown[] = [];
    const changes: unknown[] = [];
    quonfig.observe('search.limit').subscribe((value) => observed.push(value));
    live.changes$.subscribe((value) => changes.push(value));
    await install([constant('other', 'int', 1)]);
    expect(thrownBy(() => live.value)).toMatchObject({ code: 'unknown_key' });
    expect(logger.messages('warn')).toHaveLength(2);
    expect(logger.text).toContain('observers keep the previous one. No config has the key');
    await install([constant('search.limit', 'int', 30)]);
    expect(live.value).toBe(30);
    expect(observed).toEqual([20, 30]);
    expect(changes).toEqual([30]);
  });
});

describe('the cost of unknown keys', () => {
  it('an unknown key is searched for once per install, however often it is read', async () => {
    const search = vi.spyOn(closest, 'closestName');
    for (const onUnknownKey of ['warn', 'throw', 'silent'] as const) {
      const { quonfig } = await start(onUnknownKey);
      search.mockClear();
      for (let time = 0; time < 50; time++) {
        quonfig.getBoolDetails(MISSPELLED);
        quonfig.explain(MISSPELLED);
        for (const [, read] of READS) {
          if (onUnknownKey === 'throw') thrownBy(() => read(quonfig, MISSPELLED));
          else read(quonfig, MISSPELLED);
        }
      }
      expect(search).toHaveBeenCalledTimes(1);
    }
  });

  it('reads of known keys never search for similar ones', async () => {
    const { quonfig } = await start('warn');
    const search = vi.spyOn(closest, 'closestName').mockClear();
    for (const [, read] of READS) read(quonfig, 'search.limit');
    expect(search).not.toHaveBeenCalled();
  });

  it('a thousand unknown keys per install cause a warning each, then one message ends the series', async () => {
    const { quonfig, logger, install } = await startWithFile('warn', CONFIGS);
    const search = vi.spyOn(closest, 'closestName').mockClear();
    const readAll = (): void => {
      for (let user = 0; user < 1_500; user++) quonfig.isEnabled(`flag.of.user.${user}`);
    };
    readAll();
    readAll();
    const messages = logger.messages('warn');
    expect(messages).toHaveLength(1_001);
    expect(messages.at(-1)).toBe(furtherUnknownKeysOmitted);
    expect(search).toHaveBeenCalledTimes(1_000);
    logger.clear();
    await install([]);
    readAll();
    expect(logger.messages('warn')).toHaveLength(1_001);
  });

  it('keys beyond the thousandth still throw under "throw"', async () => {
    const { quonfig } = await start('throw');
    for (let user = 0; user < 1_100; user++) {
      expect(thrownBy(() => quonfig.isEnabled(`flag.of.user.${user}`))).toMatchObject({
        code: 'unknown_key',
      });
    }
  });

  it('keys of more than 200 characters are neither compared nor remembered, and cause one short warning', async () => {
    const { quonfig, logger } = await start('warn');
    const search = vi.spyOn(closest, 'closestName').mockClear();
    for (let user = 0; user < 5; user++) quonfig.isEnabled(`${'k'.repeat(10_000)}${user}`);
    expect(logger.messages('warn')).toHaveLength(1);
    expect(logger.text.length).toBeLessThan(600);
    expect(search).not.toHaveBeenCalled();
  });
});

describe('hostile keys', () => {
  it('a key with line breaks stays on one line of the log and of every error', async () => {
    const forged = 'flag\n[Nest] ERROR forged';
    const { quonfig, logger } = await start('warn');
    const error = thrownBy(() => quonfig.get(forged)) as Error;
    const details = quonfig.getBoolDetails(forged);
    for (const text of [...logger.messages('warn'), error.message, details.errorMessage!]) {
      expect(text).toContain('flag\\n[Nest] ERROR forged');
      expect(text).not.toContain('\n');
    }
  });

  it('a key that is not a string counts as unknown', async () => {
    for (const key of [undefined, null, 5, {}, Object.create(null), Symbol('key'), () => 1]) {
      const { quonfig, logger } = await start('warn', { onNoDefault: 'ignore' });
      for (const [getter, fallback] of Object.entries(GETTERS)) {
        expect(quonfig[getter as 'get'](key as string, null, fallback)).toBe(fallback);
      }
      expect(quonfig.isEnabled(key as string)).toBe(false);
      expect(quonfig.getBoolDetails(key as string).errorCode).toBe('FLAG_NOT_FOUND');
      expect(logger.problems).toHaveLength(1);
      const strict = await start('throw');
      expect(thrownBy(() => strict.quonfig.get(key as string))).toMatchObject({
        code: 'unknown_key',
      });
    }
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'the key %s is unknown like any other',
    async (key) => {
      const { quonfig, logger } = await start('warn');
      expect(quonfig.isEnabled(key)).toBe(false);
      expect(logger.problems).toHaveLength(1);
    },
  );
});
