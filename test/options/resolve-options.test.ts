import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError, type QuonfigModuleOptions } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { OPTION_ROWS } from '../../lib/options/option-table.js';

function problemsOf(options: unknown): readonly string[] {
  try {
    resolveOptions(options as QuonfigModuleOptions, {});
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toHaveProperty('code', 'invalid_options');
    return (error as InvalidOptionsError).problems;
  }
  return [];
}

describe('the options', () => {
  it('resolveOptions fills in the documented defaults', () => {
    expect(resolveOptions({ datadir: './workspace' }, {})).toMatchObject({
      datadir: './workspace',
      datafile: undefined,
      environment: undefined,
      dataDirAutoReload: false,
      dataDirAutoReloadDebounceMs: 200,
      initTimeout: 10_000,
      onInitFailure: 'throw',
      onNoDefault: 'error',
      globalContext: undefined,
      enableQuonfigUserContext: true,
      loggerKey: undefined,
      onConfigUpdate: undefined,
      random: Math.random,
    });
  });

  it('resolveOptions keeps every given option', () => {
    const given = {
      datadir: './workspace',
      environment: 'staging',
      dataDirAutoReload: true,
      dataDirAutoReloadDebounceMs: 50,
      initTimeout: 1,
      onInitFailure: 'return-defaults',
      onNoDefault: 'warn',
      globalContext: { server: { region: 'eu' } },
      enableQuonfigUserContext: false,
      loggerKey: 'log-levels',
      onConfigUpdate: () => undefined,
      random: () => 0.5,
    } as const;
    expect(resolveOptions(given, {})).toMatchObject(given);
  });

  it('resolveOptions treats undefined as omitted, for every option', () => {
    const omitted = Object.fromEntries([...OPTION_ROWS.keys()].map((name) => [name, undefined]));
    const resolve = (options: QuonfigModuleOptions): object => {
      const { logger: _, ...resolved } = resolveOptions(options, {});
      return resolved;
    };
    expect(resolve({ ...omitted, datadir: 'd' })).toEqual(resolve({ datadir: 'd' }));
  });

  it.each([
    ['datadir', { datadir: 'd', sdkKey: 'qf_sk_test' }],
    ['datafile', { datafile: 'f.json', sdkKey: 'qf_sk_test' }],
    ['network', { sdkKey: 'qf_sk_test' }],
  ] as const)('the source is %s with %j: files take precedence over a key', (source, options) => {
    const resolved = resolveOptions({ ...options, logger: new Logger() }, {});
    expect(resolved.source).toBe(source);
    expect(resolved.network !== undefined).toBe(source === 'network');
  });

  it('resolveOptions uses QUONFIG_ENVIRONMENT for a datadir when environment is omitted', () => {
    const env = { QUONFIG_ENVIRONMENT: 'staging' };
    expect(resolveOptions({ datadir: 'd' }, env).environment).toBe('staging');
    expect(resolveOptions({ datadir: 'd', environment: 'production' }, env).environment).toBe(
      'production',
    );
    expect(
      resolveOptions({ datadir: 'd' }, { QUONFIG_ENVIRONMENT: '' }).environment,
    ).toBeUndefined();
    expect(resolveOptions({ datafile: 'f.json' }, env).environment).toBeUndefined();
  });

  it.each([
    [true, 'false', true],
    [false, 'true', false],
    [null, 'false', false],
    [undefined, 'false', false],
    [undefined, 'true', true],
    [undefined, 'no', true],
    [undefined, undefined, true],
  ])(
    'with enableQuonfigUserContext %s and the variable %s, the developer context is %s',
    (enableQuonfigUserContext, variable, expected) => {
      const resolved = resolveOptions(
        { datadir: 'd', enableQuonfigUserContext },
        { QUONFIG_DEV_CONTEXT: variable },
      );
      expect(resolved.enableQuonfigUserContext).toBe(expected);
    },
  );

  it('resolveOptions reports every problem in one error, with the option and its accepted values', () => {
    expect(
      problemsOf({
        datadir: '',
        environment: 3,
        dataDirAutoReload: 'yes',
        dataDirAutoReloadDebounceMs: Infinity,
        initTimeout: -5,
        onInitFailure: 'ignore',
        onNoDefault: 'throw',
        globalContext: { user: 'u-1' },
        enableQuonfigUserContext: 'true',
        loggerKey: null,
        logger: { warn: () => undefined },
        onConfigUpdate: {},
        random: 0.5,
      }),
    ).toEqual([
      'datadir is an empty string; expected the path of a workspace directory.',
      'initTimeout is -5; expected a number of milliseconds above 0 and up to 2147483647.',
      'onInitFailure is a string; expected "throw" or "return-defaults".',
      'environment is 3; expected the name of an environment.',
      'dataDirAutoReload is a string; expected true or false.',
      'dataDirAutoReloadDebounceMs is Infinity; expected a number of milliseconds above 0 and up to 2147483647.',
      'onNoDefault is a string; expected "error", "warn" or "ignore".',
      'globalContext is an object; expected an object of contexts, each an object of properties.',
      'enableQuonfigUserContext is a string; expected true, false, or null for not set.',
      'loggerKey is null; expected the key of a config.',
      'random is 0.5; expected a function.',
      'logger is an object; expected an object with the methods warn and error, and optionally debug and info.',
      'onConfigUpdate is an object; expected a function.',
    ]);
  });

  it.each([0, Number.NaN, 2 ** 31, '100'])(
    'resolveOptions rejects the duration %s',
    (initTimeout) => {
      expect(problemsOf({ datadir: 'd', initTimeout })).toHaveLength(1);
    },
  );

  it('the error for an unknown option suggests the closest one', () => {
    expect(problemsOf({ dataDir: 'd', datafile: 'f.json', onNoDefualt: 'warn' })).toEqual([
      'dataDir is not an option. Did you mean datadir?',
      'onNoDefualt is not an option. Did you mean onNoDefault?',
    ]);
  });

  it('resolveOptions rejects an unknown option', () => {
    expect(problemsOf({ datadir: 'd', colour: 'red' })).toEqual([
      'colour is not an option. Remove it.',
    ]);
  });

  it('the error for isGlobal and name says where to pass them', () => {
    expect(problemsOf({ datadir: 'd', isGlobal: false, name: 'billing' })).toEqual([
      'isGlobal is an option of the module, not of the service. Pass it to forRoot, or to forRootAsync beside the factory.',
      'name is an option of the module, not of the service. Pass it to forRoot, or to forRootAsync beside the factory.',
    ]);
  });

  it('resolveOptions requires a source, and only one of datadir and datafile', () => {
    expect(problemsOf({})).toEqual([
      'no source of configs is set: set sdkKey (or the variable QUONFIG_BACKEND_SDK_KEY), datadir or datafile.',
    ]);
    expect(problemsOf({ datadir: 'd', datafile: 'f.json' })).toEqual([
      'datadir and datafile are both set; keep one of them.',
    ]);
  });

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['./workspace', 'a string'],
    [['./workspace'], 'an array'],
    [() => ({}), 'a function'],
    [Promise.resolve({}), 'a promise'],
  ])('resolveOptions rejects %s in place of the options', (options, kind) => {
    expect(problemsOf(options)).toEqual([
      `the options are ${kind}; expected an object, such as { datadir: './workspace' }.`,
    ]);
  });

  it('globalContext may have a getter that throws', () => {
    const globalContext = {
      get user(): never {
        throw new Error('not now');
      },
    };
    expect(problemsOf({ datadir: 'd', globalContext })).toEqual([]);
  });

  it('the error never quotes the value of an option', () => {
    const secret = 'qf_sk_production_secret';
    const problems = problemsOf({
      datadir: { secret },
      initTimeout: secret,
      onNoDefault: secret,
      logger: secret,
      sdkKey: { secret },
      apiUrls: [`https://user:${secret}@example.com`],
      streamUrl: secret,
    });
    expect(problems).toHaveLength(7);
    expect(problems.join('\n')).not.toContain(secret);
  });

  it('resolveOptions warns about options without effect on a datafile', () => {
    const warn = vi.fn();
    resolveOptions(
      {
        datafile: 'f.json',
        environment: 'production',
        dataDirAutoReload: true,
        logger: { warn, error: vi.fn() },
      },
      {},
    );
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringContaining('environment has no effect with a datafile'),
      expect.stringContaining('dataDirAutoReload has no effect with a datafile'),
    ]);
  });
});

describe('the logger', () => {
  afterEach(() => {
    Logger.overrideLogger(false);
  });

  it('the default logger is a Nest Logger named Quonfig, whose log receives info messages', () => {
    const nest = { log: vi.fn(), warn: vi.fn(), error: vi.fn(), debug: vi.fn() };
    Logger.overrideLogger(nest);
    const { logger } = resolveOptions({ datadir: 'd' }, {});
    logger.info('i');
    logger.warn('w');
    logger.error('e');
    logger.debug('d');
    expect(nest.log).toHaveBeenCalledWith('i', 'Quonfig');
    expect(nest.warn).toHaveBeenCalledWith('w', 'Quonfig');
    expect(nest.error.mock.calls[0]).toEqual(expect.arrayContaining(['e', 'Quonfig']));
    expect(nest.debug).toHaveBeenCalledWith('d', 'Quonfig');
  });

  it('a given logger is called as a method with the plain message', () => {
    class Lines {
      readonly lines: string[] = [];
      warn(message: string): void {
        this.lines.push(message);
      }
      error(message: string): void {
        this.lines.push(message);
      }
    }
    const given = new Lines();
    const { logger } = resolveOptions({ datadir: 'd', logger: given }, {});
    logger.debug('dropped');
    logger.info('dropped');
    logger.warn('w');
    logger.error('e');
    expect(given.lines).toEqual(['w', 'e']);
  });

  it('a logger that throws or rejects breaks nothing', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { logger } = resolveOptions(
      {
        datadir: 'd',
        logger: {
          warn: () => {
            throw new Error('disk full');
          },
          error: async () => {
            throw new Error('disk full');
          },
        },
      },
      {},
    );
    expect(() => {
      logger.warn('w');
      logger.error('e');
    }).not.toThrow();
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
