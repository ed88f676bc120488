import { describe, expect, it } from 'vitest';
import { logLevelNumber } from '../../lib/logging/log-levels.js';
import { oncePerMessage } from '../../lib/logging/once-per-message.js';
import {
  desiredLevelUnknown,
  loggerKeyMissing,
  logSubjectMissing,
} from '../../lib/reads/reads.messages.js';
import {
  config,
  constant,
  rule,
  serviceOf,
  setEnv,
  thrownBy,
  value,
  when,
} from '../support/configs.js';
import { furtherWarningsOmitted } from '../../lib/logging/logging.messages.js';
import { RecordingLogger } from '../support/recording-logger.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const NUMBERS = [1, 2, 3, 5, 6, 9];

describe('logLevelNumber', () => {
  it.each(LEVELS.map((level, at) => [level, NUMBERS[at]] as const))(
    'the log level %s is %d, in any case, as a number or a string',
    (level, number) => {
      const written = [level, level.toUpperCase(), `${level[0]!.toUpperCase()}${level.slice(1)}`];
      for (const one of [...written, number, String(number)]) {
        expect(logLevelNumber(one)).toBe(number);
      }
    },
  );

  it.each([4, 0, 7, 8, 10, -1, 1.5, Number.NaN, '', '4', 'warning', ' info', 'toString', null, {}])(
    '%j is not a log level',
    (level) => expect(logLevelNumber(level)).toBeUndefined(),
  );
});

describe('shouldLog', () => {
  it('shouldLog returns true from the configured level upwards', async () => {
    for (const [at, level] of LEVELS.entries()) {
      const service = await serviceOf([constant('level', 'log_level', level.toUpperCase())]);
      const results = LEVELS.map((desiredLevel) =>
        service.shouldLog({ configKey: 'level', desiredLevel }),
      );
      expect(results).toEqual(LEVELS.map((_, desired) => desired >= at));
    }
  });

  it('shouldLog accepts numeric levels as numbers and strings, in configs and requests', async () => {
    for (const stored of [5, '5', 'WARN']) {
      const service = await serviceOf([constant('level', 'log_level', stored)]);
      for (const desiredLevel of [5, '5', 'warn', 'Warn', 6]) {
        expect(service.shouldLog({ configKey: 'level', desiredLevel })).toBe(true);
      }
      for (const desiredLevel of [3, '3', 'info']) {
        expect(service.shouldLog({ configKey: 'level', desiredLevel })).toBe(false);
      }
    }
  });

  it('shouldLog evaluates rules with per-call and outer contexts', async () => {
    const service = await serviceOf([
      config('level', 'log_level', [
        rule(value('log_level', 'DEBUG'), when('PROP_IS_ONE_OF', 'user.key', ['u-1'])),
        rule(value('log_level', 'ERROR')),
      ]),
    ]);
    const request = { configKey: 'level', desiredLevel: 'debug' } as const;
    expect(service.shouldLog(request)).toBe(false);
    expect(service.shouldLog({ ...request, contexts: { user: { key: 'u-1' } } })).toBe(true);
    expect(service.shouldLog({ ...request, contexts: null })).toBe(false);
    expect(service.withContext({ user: { key: 'u-1' } }).shouldLog(request)).toBe(true);
  });

  it('shouldLog uses the default level if the config has no usable level', async () => {
    setEnv({ QUONFIG_TEST_UNSET: undefined });
    const service = await serviceOf([
      constant('text', 'string', 'loud'),
      constant('number', 'int', 4),
      constant('json', 'json', { level: 'debug' }),
      config('unmatched', 'log_level', []),
      config('failing', 'log_level', [rule(value('provided', { lookup: 'QUONFIG_TEST_UNSET' }))]),
      config('broken', 'log_level', ['x' as never]),
    ]);
    for (const configKey of ['unknown', ...service.keys()]) {
      // Without a default level: warn.
      expect(service.shouldLog({ configKey, desiredLevel: 'warn' })).toBe(true);
      expect(service.shouldLog({ configKey, desiredLevel: 'info' })).toBe(false);
      const debug = { configKey, defaultLevel: 'debug' };
      expect(service.shouldLog({ ...debug, desiredLevel: 'debug' })).toBe(true);
      expect(service.shouldLog({ ...debug, desiredLevel: 'trace' })).toBe(false);
      const nonsense = { configKey, defaultLevel: 'loud' };
      expect(service.shouldLog({ ...nonsense, desiredLevel: 'warn' })).toBe(true);
      expect(service.shouldLog({ ...nonsense, desiredLevel: 'info' })).toBe(false);
    }
  });

  it('shouldLog accepts any config type whose value is a level', async () => {
    const service = await serviceOf([constant('text', 'string', 'Error')]);
    expect(service.shouldLog({ configKey: 'text', desiredLevel: 'warn' })).toBe(false);
  });

  it('shouldLog returns true for an unknown desired level and warns once per level', async () => {
    const log = new RecordingLogger();
    const service = await serviceOf([constant('level', 'log_level', 'FATAL')], { logger: log });
    for (const desiredLevel of ['loud', 'loud', 4, 'loud']) {
      expect(service.shouldLog({ configKey: 'level', desiredLevel })).toBe(true);
    }
    expect(log.messages('warn')).toEqual([desiredLevelUnknown('loud'), desiredLevelUnknown('4')]);
  });

  it.each([
    ['neither', {}],
    ['both', { configKey: 'level', loggerPath: 'app' }],
  ])('shouldLog throws for a request with %s of configKey and loggerPath', async (_, subject) => {
    const service = await serviceOf([], { loggerKey: 'level' });
    const error = thrownBy(() => service.shouldLog({ ...subject, desiredLevel: 'info' }));
    expect(error).toMatchObject({ code: 'invalid_log_request', message: logSubjectMissing });
  });
});

describe('shouldLog with a logger path', () => {
  const levels = config('levels', 'log_level', [
    rule(
      value('log_level', 'TRACE'),
      when('PROP_STARTS_WITH_ONE_OF', 'quonfig-sdk-logging.key', ['Cats.']),
    ),
    rule(
      value('log_level', 'DEBUG'),
      when('PROP_IS_ONE_OF', 'quonfig-sdk-logging.key', ['a/b c::D']),
      when('PROP_IS_ONE_OF', 'user.key', ['u-1']),
    ),
    rule(value('log_level', 'ERROR')),
  ]);

  it('shouldLog evaluates the config of loggerKey with the unmodified logger path', async () => {
    const service = await serviceOf([levels], { loggerKey: 'levels' });
    const debug = (loggerPath: string, contexts?: Record<string, object>) =>
      service.shouldLog({ loggerPath, desiredLevel: 'debug', contexts });
    expect(debug('Cats.Service')).toBe(true);
    expect(debug('cats.Service')).toBe(false);
    expect(debug('a/b c::D', { user: { key: 'u-1' } })).toBe(true);
    expect(debug('a/b c::D')).toBe(false);
    // A context cannot impersonate another logger.
    expect(debug('Dogs', { 'quonfig-sdk-logging': { key: 'Cats.Service' } })).toBe(false);
  });

  it('shouldLog combines a logger path with bound contexts', async () => {
    const service = await serviceOf([levels], { loggerKey: 'levels' });
    const bound = service.withContext({ user: { key: 'u-1' } });
    expect(bound.shouldLog({ loggerPath: 'a/b c::D', desiredLevel: 'debug' })).toBe(true);
  });

  it('shouldLog with a logger path throws without the option loggerKey', async () => {
    const service = await serviceOf([levels]);
    const error = thrownBy(() => service.shouldLog({ loggerPath: 'app', desiredLevel: 'info' }));
    expect(error).toMatchObject({ code: 'invalid_log_request', message: loggerKeyMissing });
  });

  it('shouldLog with a logger path never throws because of hostile contexts', async () => {
    const service = await serviceOf([levels], { loggerKey: 'levels' });
    const contexts = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('boom');
        },
      },
    );
    const request = { loggerPath: 'app', contexts, defaultLevel: 'info' };
    expect(service.shouldLog({ ...request, desiredLevel: 'info' })).toBe(true);
    expect(service.shouldLog({ ...request, desiredLevel: 'debug' })).toBe(false);
  });
});

describe('oncePerMessage', () => {
  it('oncePerMessage logs each message only the first time', () => {
    const lines: string[] = [];
    const once = oncePerMessage((message) => lines.push(message));
    for (const message of ['a', 'b', 'a', 'b', 'c']) once(message);
    expect(lines).toEqual(['a', 'b', 'c']);
  });

  it('oncePerMessage logs beyond its limit only that further messages are omitted', () => {
    const lines: string[] = [];
    const once = oncePerMessage((message) => lines.push(message));
    for (let i = 0; i < 5_000; i++) once(`message ${i}`);
    once('message 0');
    expect(lines).toHaveLength(1_001);
    expect(lines.at(-1)).toBe(furtherWarningsOmitted);
  });
});
