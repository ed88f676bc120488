import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError, type QuonfigModuleOptions } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';

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
  it('have the documented defaults', () => {
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

  it('keep what is given', () => {
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

  it('take the environment of a datadir from QUONFIG_ENVIRONMENT when none is given', () => {
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

  it('are refused with all problems at once, each naming option, kind of value and what is accepted', () => {
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
      'datadir is an empty text; accepted is the path of a workspace directory.',
      'environment is 3; accepted is the name of an environment.',
      'dataDirAutoReload is a text; accepted is true or false.',
      'dataDirAutoReloadDebounceMs is Infinity; accepted is a number of milliseconds above 0 and up to 2147483647.',
      'initTimeout is -5; accepted is a number of milliseconds above 0 and up to 2147483647.',
      'onInitFailure is a text; accepted is "throw" or "return-defaults".',
      'onNoDefault is a text; accepted is "error", "warn" or "ignore".',
      'globalContext is an object; accepted is an object of contexts, each an object of properties.',
      'enableQuonfigUserContext is a text; accepted is true, false, or null for not set.',
      'loggerKey is null; accepted is the key of a config.',
      'logger is an object; accepted is an object with the methods warn and error, and debug and info if they are wanted.',
      'onConfigUpdate is an object; accepted is a function.',
      'random is 0.5; accepted is a function.',
    ]);
  });

  it.each([0, Number.NaN, 2 ** 31, '100'])('refuse the time %s', (initTimeout) => {
    expect(problemsOf({ datadir: 'd', initTimeout })).toHaveLength(1);
  });

  it('name the option that was probably meant', () => {
    expect(problemsOf({ dataDir: 'd', datafile: 'f.json', onNoDefualt: 'warn' })).toEqual([
      'dataDir is not an option. Did you mean datadir?',
      'onNoDefualt is not an option. Did you mean onNoDefault?',
    ]);
  });

  it('refuse what they do not know', () => {
    expect(problemsOf({ datadir: 'd', colour: 'red' })).toEqual([
      'colour is not an option. Remove it.',
    ]);
  });

  it('say where isGlobal and name belong', () => {
    expect(problemsOf({ datadir: 'd', isGlobal: false, name: 'billing' })).toEqual([
      'isGlobal is not an option of the service. Pass it to forRoot, or to forRootAsync beside the factory.',
      'name is not an option of the service. Pass it to forRoot, or to forRootAsync beside the factory.',
    ]);
  });

  it('need a source, and not both datadir and datafile', () => {
    expect(problemsOf({})).toEqual([
      'there is no SDK key (option sdkKey, variable QUONFIG_BACKEND_SDK_KEY), and neither datadir nor datafile is given; one of the three says where the configs come from.',
    ]);
    expect(problemsOf({ datadir: 'd', datafile: 'f.json' })).toEqual([
      'datadir and datafile are both given; keep one of them.',
    ]);
  });

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['./workspace', 'a text'],
    [['./workspace'], 'a list'],
    [() => ({}), 'a function'],
    [Promise.resolve({}), 'a promise'],
  ])('are refused when they are %s', (options, kind) => {
    expect(problemsOf(options)).toEqual([
      `the options are ${kind}; accepted is an object, such as { datadir: './workspace' }.`,
    ]);
  });

  it('accept a global context with a getter that throws', () => {
    const globalContext = {
      get user(): never {
        throw new Error('not now');
      },
    };
    expect(problemsOf({ datadir: 'd', globalContext })).toEqual([]);
  });

  it('never show the value of an option', () => {
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

  it('warn of what has no effect with a datafile', () => {
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

  it('is a Nest Logger named Quonfig by default, whose log takes what is information', () => {
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

  it('is the given one, called as its method and with the plain text', () => {
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

  it('breaks nothing when it throws or rejects', async () => {
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
