import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Config, type Contexts, InvalidOptionsError, type LogLevel } from '../../lib/index.js';
import { createParts } from '../../lib/client/parts.js';
import { QuonfigService } from '../../lib/client/quonfig.service.js';
import { loadFirst } from '../../lib/client/load-first.js';
import { resolveOptions } from '../../lib/options/index.js';
import { CompiledRule } from '../../lib/evaluation/rule.js';
import { noLoggerKey } from '../../lib/logging/logging.messages.js';
import { desiredLevelUnknown, unknownKeyRead } from '../../lib/reads/reads.messages.js';
import {
  config,
  constant,
  envelope,
  EnvelopeFile,
  inSegment,
  notInSegment,
  rule,
  segment,
  serviceOf,
  serviceWith,
  setEnv,
  split,
  value,
  when,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Reporting } from '../telemetry/support/reporting.js';
import { reportedContexts } from '../telemetry/support/windows.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const PATH = 'quonfig-sdk-logging.key';
const loggerKey = 'levels';

const level = (name: string) => value('log_level', name);
const levels = (...rules: Parameters<typeof config>[2]): Config =>
  config(loggerKey, 'log_level', rules, 'log_level');

const byPath = levels(
  rule(level('DEBUG'), when('PROP_STARTS_WITH_ONE_OF', PATH, ['Cart'])),
  rule(level('ERROR'), when('PROP_IS_ONE_OF', PATH, ['Noisy'])),
  rule(level('INFO')),
);
const byUser = levels(
  rule(level('DEBUG'), when('PROP_IS_ONE_OF', 'user.key', ['u-1'])),
  rule(level('WARN')),
);

/** A service inside whose requests `run` runs. */
async function withRequests(configs: Config[]) {
  const options = { datafile: envelope(configs), loggerKey, logger: new RecordingLogger() };
  const parts = createParts(resolveOptions(options));
  const service = new QuonfigService(parts);
  await loadFirst(parts, service);
  return {
    service,
    run: <T>(contexts: Contexts, action: () => T) => parts.context.run(contexts, action),
  };
}

/** The lowest level that a logger logs. */
function lowest(
  logger: { isEnabled(path: string, level: LogLevel): boolean },
  path: string,
): LogLevel | undefined {
  return LEVELS.find((name) => logger.isEnabled(path, name));
}

describe('loggerLevels', () => {
  it('loggerLevels logs from the level that the config of loggerKey has for the path', async () => {
    const quonfig = await serviceOf([byPath], { loggerKey });
    const logger = quonfig.loggerLevels();
    for (let round = 0; round < 3; round++) {
      expect(lowest(logger, 'CartService')).toBe('debug');
      expect(lowest(logger, 'Noisy')).toBe('error');
      expect(lowest(logger, 'Other')).toBe('info');
    }
  });

  it('loggerLevels accepts levels by name in any case and by number', async () => {
    const logger = (await serviceOf([byPath], { loggerKey })).loggerLevels();
    for (const debug of ['debug', 'DEBUG', 'Debug', 2, '2']) {
      expect(logger.isEnabled('CartService', debug as LogLevel)).toBe(true);
      expect(logger.isEnabled('Other', debug as LogLevel)).toBe(false);
    }
  });

  it('loggerLevels logs a message of an unknown level and warns once', async () => {
    const log = new RecordingLogger();
    const logger = (await serviceOf([byPath], { loggerKey, logger: log })).loggerLevels();
    for (const unknown of ['loud', 4, 'loud']) {
      expect(logger.isEnabled('Other', unknown as LogLevel)).toBe(true);
    }
    expect(log.messages('warn')).toEqual([desiredLevelUnknown('loud'), desiredLevelUnknown(4)]);
  });

  it('loggerLevels follows every install at once', async () => {
    const file = new EnvelopeFile([byPath]);
    const quonfig = await serviceWith({
      datafile: file.path,
      loggerKey,
      logger: new RecordingLogger(),
    });
    const logger = quonfig.loggerLevels();
    expect(lowest(logger, 'Other')).toBe('info');
    file.set([levels(rule(level('TRACE')))]);
    await quonfig.refresh();
    expect(lowest(logger, 'Other')).toBe('trace');
    file.set([
      levels(rule(level('FATAL'), when('PROP_IS_ONE_OF', PATH, ['Other'])), rule(level('WARN'))),
    ]);
    await quonfig.refresh();
    expect(lowest(logger, 'Other')).toBe('fatal');
    expect(lowest(logger, 'CartService')).toBe('warn');
  });

  it('loggerLevels uses the default level without a config, a rule that matches or a usable level', async () => {
    setEnv({ QUONFIG_TEST_UNSET: undefined });
    const unusable = [
      [],
      [levels()],
      [levels(rule(level('DEBUG'), when('PROP_IS_ONE_OF', PATH, ['Unlike'])))],
      [constant(loggerKey, 'string', 'loud')],
      [levels(rule(value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_UNSET' })))],
      [levels('x' as never)],
    ];
    for (const configs of unusable) {
      const quonfig = await serviceOf(configs, { loggerKey });
      expect(lowest(quonfig.loggerLevels(), 'Other')).toBe('warn');
      expect(lowest(quonfig.loggerLevels({ defaultLevel: 'debug' }), 'Other')).toBe('debug');
    }
  });

  it.each(['log', '', null, 4])(
    'loggerLevels refuses %j as default level',
    async (defaultLevel) => {
      const quonfig = await serviceOf([byPath], { loggerKey });
      const create = (): unknown => quonfig.loggerLevels({ defaultLevel: defaultLevel as never });
      expect(create).toThrow(InvalidOptionsError);
      expect(create).toThrow(/defaultLevel is .+; expected "trace", "debug", "info"/);
    },
  );

  it('loggerLevels uses the default level without the option loggerKey, and warns once', async () => {
    const log = new RecordingLogger();
    const quonfig = await serviceOf([byPath], { logger: log });
    const logger = quonfig.loggerLevels({ defaultLevel: 'error' });
    expect(lowest(logger, 'Cart')).toBe('error');
    expect(lowest(quonfig.loggerLevels(), 'Cart')).toBe('warn');
    expect(log.messages('warn')).toEqual([noLoggerKey()]);
  });

  it('loggerLevels warns once about a loggerKey that no config has, and never throws', async () => {
    const log = new RecordingLogger();
    const quonfig = await serviceOf([], { loggerKey, logger: log, onUnknownKey: 'throw' });
    const logger = quonfig.loggerLevels();
    for (const path of ['a', 'b', 'a']) expect(logger.isEnabled(path, 'info')).toBe(false);
    expect(log.messages('warn')).toEqual([unknownKeyRead(loggerKey, undefined)]);
  });

  it('loggerLevels uses the default level before the first load, and the config from then on', async () => {
    const file = new EnvelopeFile([]);
    file.write('nonsense');
    const quonfig = await serviceWith({
      datafile: file.path,
      loggerKey,
      onInitFailure: 'return-defaults',
      logger: new RecordingLogger(),
    });
    const logger = quonfig.loggerLevels({ defaultLevel: 'error' });
    expect(quonfig.ready()).toBe(false);
    expect(lowest(logger, 'CartService')).toBe('error');
    file.set([byPath]);
    await quonfig.refresh();
    expect(lowest(logger, 'CartService')).toBe('debug');
  });
});

describe('loggerLevels in requests', () => {
  it('loggerLevels applies the contexts of the current request to each message', async () => {
    const { service, run } = await withRequests([byUser]);
    const logger = service.loggerLevels();
    const lowestFor = (key: string) => run({ user: { key } }, () => lowest(logger, 'Cart'));
    for (let round = 0; round < 3; round++) {
      expect(lowestFor('u-1')).toBe('debug');
      expect(lowestFor('u-2')).toBe('warn');
      expect(lowest(logger, 'Cart')).toBe('warn');
    }
  });

  it('loggerLevels applies contexts that are bound to the reader', async () => {
    const quonfig = await serviceOf([byUser], { loggerKey });
    const bound = quonfig.withContext({ user: { key: 'u-1' } });
    expect(lowest(bound.loggerLevels(), 'Cart')).toBe('debug');
    expect(lowest(quonfig.loggerLevels(), 'Cart')).toBe('warn');
  });

  it('a context of a request cannot impersonate another logger', async () => {
    const { service, run } = await withRequests([byPath]);
    const logger = service.loggerLevels();
    const hostile = { 'quonfig-sdk-logging': { key: 'CartService' } };
    expect(run(hostile, () => lowest(logger, 'Other'))).toBe('info');
  });

  const user = when('PROP_IS_ONE_OF', 'user.key', ['u-1']);
  const path = when('PROP_IS_ONE_OF', PATH, ['Cart']);
  const debugIf = (...criteria: Parameters<typeof rule>[1][]) =>
    levels(rule(level('DEBUG'), ...criteria), rule(level('WARN')));

  it.each([
    ['a rule', [debugIf(user)]],
    ['one of several criteria', [debugIf(path, user)]],
    ['a segment', [debugIf(inSegment('s')), segment('s', user)]],
    [
      'a negated segment',
      [debugIf(notInSegment('s')), segment('s', when('PROP_IS_NOT_ONE_OF', 'user.key', ['u-1']))],
    ],
    [
      'a segment of a segment',
      [debugIf(path, inSegment('s')), segment('s', path, inSegment('t')), segment('t', user)],
    ],
    [
      'cyclic segments',
      [
        debugIf(inSegment('s')),
        segment('s', user, notInSegment('t')),
        segment('t', inSegment('s')),
      ],
    ],
    [
      'a rule of the environment',
      [
        {
          ...levels(rule(level('WARN'))),
          environment: { id: 'production', rules: [rule(level('DEBUG'), user)] },
        },
      ],
    ],
    [
      'a split by another context',
      [
        levels(
          rule(
            split(
              [
                { weight: 1, value: level('DEBUG') },
                { weight: 1, value: level('WARN') },
              ],
              'user.key',
            ),
          ),
        ),
      ],
    ],
  ])('loggerLevels does not remember a level if %s reads another context', async (_, configs) => {
    const { service, run } = await withRequests(configs);
    const logger = service.loggerLevels();
    // u-1 and u-5 are in different halves of the split.
    for (let round = 0; round < 3; round++) {
      for (const key of ['u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6']) {
        const asked = run({ user: { key } }, () => ({
          remembered: logger.isEnabled('Cart', 'debug'),
          evaluated: service.shouldLog({ loggerPath: 'Cart', desiredLevel: 'debug' }),
        }));
        expect(asked.remembered).toBe(asked.evaluated);
      }
    }
    const answers = ['u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6'].map((key) =>
      run({ user: { key } }, () => logger.isEnabled('Cart', 'debug')),
    );
    expect(new Set(answers).size).toBe(2);
  });

  it('loggerLevels does not remember a level if a rule reads the clock', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01') });
    onTestFinished(() => void vi.useRealTimers());
    const { service } = await withRequests([
      levels(
        rule(level('DEBUG'), {
          operator: 'PROP_GREATER_THAN',
          propertyName: 'quonfig.current-time',
          valueToMatch: { type: 'int', value: new Date('2026-01-02').getTime() },
        }),
        rule(level('WARN')),
      ),
    ]);
    const logger = service.loggerLevels();
    expect(lowest(logger, 'Cart')).toBe('warn');
    vi.setSystemTime(new Date('2026-01-03'));
    expect(lowest(logger, 'Cart')).toBe('debug');
  });

  it('loggerLevels does not remember a level if a segment reads the clock', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01') });
    onTestFinished(() => void vi.useRealTimers());
    const later = {
      operator: 'PROP_GREATER_THAN',
      propertyName: 'quonfig.current-time',
      valueToMatch: { type: 'int', value: new Date('2026-01-02').getTime() },
    } as const;
    const { service } = await withRequests([
      levels(rule(level('DEBUG'), inSegment('s')), rule(level('WARN'))),
      segment('s', later),
    ]);
    const logger = service.loggerLevels();
    expect(lowest(logger, 'Cart')).toBe('warn');
    vi.setSystemTime(new Date('2026-01-03'));
    expect(lowest(logger, 'Cart')).toBe('debug');
  });

  it('loggerLevels does not remember a level from a random split', async () => {
    let next = 0;
    const variants = [
      { weight: 1, value: level('DEBUG') },
      { weight: 1, value: level('WARN') },
    ];
    const quonfig = await serviceOf([levels(rule(split(variants)))], {
      loggerKey,
      random: () => next,
    });
    const logger = quonfig.loggerLevels();
    expect(lowest(logger, 'Cart')).toBe('debug');
    next = 0.9;
    expect(lowest(logger, 'Cart')).toBe('warn');
  });

  it('loggerLevels does not remember a level that an environment variable provides', async () => {
    setEnv({ QUONFIG_TEST_LEVEL: 'debug' });
    const provided = value('provided', { source: 'ENV_VAR', lookup: 'QUONFIG_TEST_LEVEL' });
    const logger = (await serviceOf([levels(rule(provided))], { loggerKey })).loggerLevels();
    expect(lowest(logger, 'Cart')).toBe('debug');
    setEnv({ QUONFIG_TEST_LEVEL: 'error' });
    expect(lowest(logger, 'Cart')).toBe('error');
  });
});

describe('what loggerLevels remembers', () => {
  /** Counts the evaluations of rules. */
  function countEvaluations(): () => number {
    const matches = vi.spyOn(CompiledRule.prototype, 'matchesCarefully');
    onTestFinished(() => matches.mockRestore());
    return () => matches.mock.calls.length;
  }

  it('loggerLevels evaluates a path once per install if the rules read nothing but the path', async () => {
    const file = new EnvelopeFile([byPath]);
    const quonfig = await serviceWith({
      datafile: file.path,
      loggerKey,
      logger: new RecordingLogger(),
    });
    const logger = quonfig.loggerLevels();
    const evaluations = countEvaluations();
    for (let i = 0; i < 100; i++) logger.isEnabled(i % 2 ? 'CartService' : 'Other', 'debug');
    expect(evaluations()).toBe(2);
    file.set([byPath, constant('other', 'string', 'changed')]);
    await quonfig.refresh();
    for (let i = 0; i < 100; i++) logger.isEnabled('CartService', 'debug');
    expect(evaluations()).toBe(3);
  });

  it.each([
    ['a rule', [byUser]],
    [
      'a segment',
      [
        levels(rule(level('DEBUG'), inSegment('s')), rule(level('WARN'))),
        segment('s', when('PROP_IS_ONE_OF', 'user.key', ['u-1'])),
      ],
    ],
  ])(
    'loggerLevels evaluates a path once for a request whose contexts %s reads',
    async (_, configs) => {
      const { service, run } = await withRequests(configs);
      const logger = service.loggerLevels();
      const reads = (service as unknown as { configReads: object }).configReads;
      const finds = vi.spyOn(reads as { find(): unknown }, 'find');
      const evaluations = countEvaluations();
      const both = (): number => evaluations() + finds.mock.calls.length;
      run({ user: { key: 'u-1' } }, () => {
        expect(logger.isEnabled('Cart', 'debug')).toBe(true);
        const before = both();
        for (let i = 0; i < 100; i++) expect(logger.isEnabled('Cart', 'debug')).toBe(true);
        expect(both()).toBe(before);
      });
      const first = both();
      run({ user: { key: 'u-2' } }, () => expect(logger.isEnabled('Cart', 'debug')).toBe(false));
      expect(both()).toBeGreaterThan(first);
    },
  );

  it('loggerLevels evaluates nothing for messages that every level or none allows', async () => {
    const { service } = await withRequests([byUser]);
    const logger = service.loggerLevels();
    const evaluations = countEvaluations();
    for (const name of ['trace', 'warn', 'error', 'fatal'] as const) logger.isEnabled('Cart', name);
    expect(evaluations()).toBe(0);
  });

  it('loggerLevels shares the thousands of rules of a config among all paths', async () => {
    const rules = Array.from({ length: 2_000 }, (_, index) =>
      rule(level('DEBUG'), when('PROP_IS_ONE_OF', 'user.key', [`u-${index}`])),
    );
    const { service, run } = await withRequests([levels(...rules, rule(level('WARN')))]);
    const logger = service.loggerLevels();
    run({ user: { key: 'u-1999' } }, () => {
      expect(logger.isEnabled('Cart', 'debug')).toBe(true);
      expect(logger.isEnabled('Order', 'debug')).toBe(true);
    });
    const { paths } = logger as unknown as { paths: Map<string, { rules: CompiledRule[] }> };
    const [cart, order] = [...paths.values()].map((path) => path.rules.slice(0, -1));
    expect(cart).toHaveLength(2_000);
    expect(cart!.every((one, index) => one === order![index])).toBe(true);
  });

  it('an error of the SDK itself leaves the default level', async () => {
    const quonfig = await serviceOf([byPath], { loggerKey });
    const logger = quonfig.loggerLevels({ defaultLevel: 'error' });
    const { store } = (quonfig as unknown as { configReads: { store: object } }).configReads;
    vi.spyOn(store as { current: object }, 'current', 'get').mockImplementation(() => {
      throw new Error('why');
    });
    expect(lowest(logger, 'CartService')).toBe('error');
  });

  it('loggerLevels remembers a bounded number of paths, and is right about all others', async () => {
    const logger = (await serviceOf([byPath], { loggerKey })).loggerLevels();
    const { paths } = logger as unknown as { paths: Map<string, unknown> };
    for (let i = 0; i < 5_000; i++) {
      expect(logger.isEnabled(`Cart${i}`, 'debug')).toBe(true);
      expect(logger.isEnabled(`Other${i}`, 'debug')).toBe(false);
    }
    expect(logger.isEnabled(`Cart${'x'.repeat(100_000)}`, 'debug')).toBe(true);
    expect(paths.size).toBeLessThanOrEqual(1_000);
    expect([...paths.keys()].join('').length).toBeLessThan(100_000);
  });
});

describe('telemetry of loggerLevels', () => {
  it('telemetry reports the contexts of a request once for all its messages', async () => {
    const t = await Reporting.start([200], { datafile: envelope([byUser]), loggerKey });
    const bound = t.service.withContext({ user: { key: 'u-2', plan: 'pro' } });
    const logger = bound.loggerLevels();
    for (const path of ['Cats', 'Dogs', 'Cats']) logger.isEnabled(path, 'debug');
    await t.tick(1);
    const { shapes, examples } = reportedContexts(t.stub.requests[0]!.body);
    expect(shapes).toEqual({ user: { key: 2, plan: 2 }, 'quonfig-sdk-logging': { key: 2 } });
    expect(examples).toHaveLength(1);
    expect(t.keysOf(0)).toEqual([]);
  });
});
