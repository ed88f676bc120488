import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigStore,
  DatadirWatcher,
  getQuonfigToken,
  InjectQuonfig,
  InvalidOptionsError,
  LocalDelivery,
  QuonfigContext,
  QuonfigModule,
  type QuonfigModuleOptions,
  type QuonfigOptionsFactory,
  QuonfigService,
} from '../../lib/index.js';
import { createTestQuonfig, QuonfigTestingModule } from '../../lib/testing/index.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Datafile, envelope } from './support/datafile.js';

const options = (values: Record<string, string | number | boolean>): QuonfigModuleOptions => ({
  datafile: envelope(values),
  logger: new RecordingLogger(),
});

type OverrideBy = ReturnType<TestingModuleBuilder['overrideProvider']>;

/** The token of a provider in another module that is created from a config. */
const LIMIT = 'LIMIT';

@Module({
  providers: [
    {
      provide: LIMIT,
      inject: [QuonfigService],
      useFactory: (quonfig: QuonfigService) => quonfig.getNumber('limit'),
    },
  ],
})
class ThrottlingModule {}

describe('QuonfigModule.forRoot', () => {
  it('forRoot injects a ready service into the factories of other modules', async () => {
    const app = await Test.createTestingModule({
      imports: [ThrottlingModule, QuonfigModule.forRoot(options({ limit: 12 }))],
    }).compile();
    expect(app.get(LIMIT)).toBe(12);
    expect(app.get(QuonfigService).ready()).toBe(true);
    await app.close();
  });

  it('a module with isGlobal: false provides the service only to modules that import it', async () => {
    @Module({ imports: [QuonfigModule.forRoot({ ...options({ limit: 3 }), isGlobal: false })] })
    class ImportingModule {}

    await expect(
      Test.createTestingModule({ imports: [ImportingModule, ThrottlingModule] }).compile(),
    ).rejects.toThrow(/Nest can't resolve dependencies of the LIMIT/);

    @Module({
      imports: [QuonfigModule.forRoot({ ...options({ limit: 3 }), isGlobal: false })],
      providers: [
        {
          provide: LIMIT,
          inject: [QuonfigService],
          useFactory: (quonfig: QuonfigService) => quonfig.getNumber('limit'),
        },
      ],
    })
    class SelfSufficientModule {}
    const app = await Test.createTestingModule({ imports: [SelfSufficientModule] }).compile();
    expect(app.get(LIMIT, { strict: false })).toBe(3);
    await app.close();
  });

  it('the module is global when isGlobal is undefined', async () => {
    const app = await Test.createTestingModule({
      imports: [
        ThrottlingModule,
        QuonfigModule.forRoot({ ...options({ limit: 4 }), isGlobal: undefined }),
      ],
    }).compile();
    expect(app.get(LIMIT)).toBe(4);
    await app.close();
  });

  it('the application fails to start, naming what is missing, if forRoot() is called without options', async () => {
    await expect(
      Test.createTestingModule({ imports: [QuonfigModule.forRoot()] }).compile(),
    ).rejects.toThrow(/no source of configs is set/);
  });

  it('the application fails to start with an error that lists every option problem', async () => {
    const wrong = { datadri: './workspace', initTimeout: -1 } as QuonfigModuleOptions;
    await expect(
      NestFactory.createApplicationContext(QuonfigModule.forRoot(wrong), {
        abortOnError: false,
        logger: false,
      }),
    ).rejects.toThrow(/initTimeout is -1[^]*datadri is not an option. Did you mean datadir\?/);
  });

  it.each([null, './workspace', [{ datadir: './workspace' }], 5])(
    'forRoot throws at once when the options are %j',
    (wrong: unknown) => {
      expect(() => QuonfigModule.forRoot(wrong as QuonfigModuleOptions)).toThrow(
        InvalidOptionsError,
      );
    },
  );

  it('forRoot throws at once when name or isGlobal is invalid', () => {
    const wrong = { name: ' ', isGlobal: 'yes' } as never;
    expect(() => QuonfigModule.forRoot(wrong)).toThrow(
      /isGlobal is a string; expected true or false\.[^]*name is an empty string/,
    );
    expect(() => QuonfigModule.forRootAsync({ useFactory: () => ({}), name: 7 as never })).toThrow(
      /name is 7/,
    );
  });
});

describe('getQuonfigToken', () => {
  it('getQuonfigToken derives the token of a named instance from the part, even if its class is renamed', () => {
    class ConfigStoreUnderAnotherName extends ConfigStore {}
    Object.defineProperty(ConfigStore, 'name', { value: 'e', configurable: true });
    try {
      expect(getQuonfigToken('billing', ConfigStore)).toBe('quonfig:billing:store');
      expect(() => getQuonfigToken('billing', ConfigStoreUnderAnotherName)).toThrow(
        /ConfigStoreUnderAnotherName is not a part of a Quonfig instance/,
      );
    } finally {
      Object.defineProperty(ConfigStore, 'name', { value: 'ConfigStore', configurable: true });
    }
  });
});

describe('QuonfigModule.forRootAsync', () => {
  const SETTINGS = 'SETTINGS';

  @Module({
    providers: [{ provide: SETTINGS, useValue: { limit: 30 } }],
    exports: [SETTINGS],
  })
  class SettingsModule {}

  @Injectable()
  class QuonfigSettings implements QuonfigOptionsFactory {
    async createQuonfigOptions(): Promise<QuonfigModuleOptions> {
      return options({ limit: 31 });
    }
  }

  @Module({ providers: [QuonfigSettings], exports: [QuonfigSettings] })
  class QuonfigSettingsModule {}

  it.each([
    [
      'useFactory with injected providers',
      () =>
        QuonfigModule.forRootAsync({
          imports: [SettingsModule],
          inject: [SETTINGS],
          useFactory: async (settings: { limit: number }) => options(settings),
        }),
      30,
    ],
    ['useClass', () => QuonfigModule.forRootAsync({ useClass: QuonfigSettings }), 31],
    [
      'useExisting',
      () =>
        QuonfigModule.forRootAsync({
          imports: [QuonfigSettingsModule],
          useExisting: QuonfigSettings,
        }),
      31,
    ],
  ])('forRootAsync reads the options from %s', async (_, quonfig, limit) => {
    const app = await Test.createTestingModule({
      imports: [ThrottlingModule, quonfig()],
    }).compile();
    expect(app.get(LIMIT)).toBe(limit);
    await app.close();
  });

  it.each([undefined, null])(
    'the application fails to start if the factory of forRootAsync returns %s',
    async (nothing) => {
      const quonfig = QuonfigModule.forRootAsync({ useFactory: () => nothing as never });
      await expect(Test.createTestingModule({ imports: [quonfig] }).compile()).rejects.toThrow(
        `the options are ${nothing}`,
      );
    },
  );

  it('the application fails to start if the factory of forRootAsync returns a name', async () => {
    const result = { ...options({}), name: 'billing' };
    const quonfig = QuonfigModule.forRootAsync({ useFactory: () => result });
    await expect(Test.createTestingModule({ imports: [quonfig] }).compile()).rejects.toThrow(
      /name is an option of the module, not of the service\. Pass it to forRoot, or to forRootAsync beside/,
    );
  });

  it('forRootAsync throws when no factory is passed', () => {
    expect(() => QuonfigModule.forRootAsync({})).toThrow(
      /none of useFactory, useClass and useExisting/,
    );
    expect(() => QuonfigModule.forRootAsync(undefined as never)).toThrow(InvalidOptionsError);
  });
});

describe('named instances', () => {
  @Injectable()
  class Prices {
    constructor(
      readonly quonfig: QuonfigService,
      @InjectQuonfig('billing') readonly billing: QuonfigService,
      @Inject(getQuonfigToken('billing', ConfigStore)) readonly billingStore: ConfigStore,
      readonly store: ConfigStore,
    ) {}
  }

  it('named instances run beside the default one, each with its own parts', async () => {
    const app = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({ ...options({ plan: 'billing' }), name: 'billing' }),
        QuonfigModule.forRootAsync({
          name: 'search',
          useFactory: () => options({ plan: 'search' }),
        }),
        QuonfigModule.forRoot(options({ plan: 'main' })),
      ],
      providers: [Prices],
    }).compile();
    const { quonfig, billing, billingStore, store } = app.get(Prices);
    expect(quonfig.getString('plan')).toBe('main');
    expect(billing.getString('plan')).toBe('billing');
    expect(app.get<QuonfigService>(getQuonfigToken('search')).getString('plan')).toBe('search');
    expect(store).not.toBe(billingStore);
    expect(getQuonfigToken()).toBe(QuonfigService);
    await app.close();
  });

  it('two instances with the same name cause a warning', async () => {
    const logger = new RecordingLogger();
    const app = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({ ...options({}), logger }),
        QuonfigModule.forRoot({ ...options({}), logger }),
        QuonfigModule.forRoot({ ...options({}), logger, name: 'billing' }),
      ],
    }).compile();
    await app.init();
    expect(logger.problems).toEqual([
      expect.stringMatching(
        /^warn There are 2 Quonfig modules without a name\. .* give each its own name\.$/,
      ),
    ]);
    await app.close();
  });

  it('importing the same dynamic module twice creates one instance', async () => {
    const logger = new RecordingLogger();
    const quonfig = QuonfigModule.forRoot({ ...options({ limit: 1 }), logger });

    @Module({ imports: [quonfig] })
    class FeatureModule {}
    const app = await Test.createTestingModule({ imports: [quonfig, FeatureModule] }).compile();
    await app.init();
    expect(logger.problems).toEqual([]);
    await app.close();
  });
});

describe('the parts of an instance', () => {
  const build = () =>
    Test.createTestingModule({ imports: [QuonfigModule.forRoot(options({ limit: 1 }))] });

  it('every part of an instance is injectable', async () => {
    const app = await build().compile();
    expect(app.get(ConfigStore)).toBeInstanceOf(ConfigStore);
    expect(app.get(LocalDelivery)).toBeInstanceOf(LocalDelivery);
    expect(app.get(QuonfigService).configInstallCount()).toBe(app.get(ConfigStore).installCount);
    expect(app.get(DatadirWatcher)).toBeUndefined();
    await app.close();
  });

  it('a test can override the service with a plain object', async () => {
    const app = await build()
      .overrideProvider(QuonfigService)
      .useValue({ getNumber: () => 99 })
      .compile();
    await app.init();
    expect(app.get(QuonfigService).getNumber('limit')).toBe(99);
    expect(app.get(ConfigStore).installCount).toBe(0);
    await app.close();
  });

  it('a test can override the service with its own, which stays open when the application closes', async () => {
    const file = new Datafile({ limit: 7 });
    const own = await QuonfigService.create({
      datafile: file.path,
      logger: new RecordingLogger(),
    });
    const app = await build().overrideProvider(QuonfigService).useValue(own).compile();
    await app.init();
    expect(app.get(QuonfigService).getNumber('limit')).toBe(7);
    await app.close();
    expect(own.connectionState()).toBe('connected');
    await own.close();
    file.remove();
  });

  it('a test can override the store', async () => {
    const store = new ConfigStore();
    const app = await build().overrideProvider(ConfigStore).useValue(store).compile();
    expect(app.get(QuonfigService).getNumber('limit')).toBe(1);
    expect(store.installCount).toBe(1);
    await app.close();
  });

  it('a test can override a part of a named instance', async () => {
    const store = new ConfigStore();
    const billing = { ...options({ limit: 2 }), name: 'billing' };
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot(options({ limit: 1 })), QuonfigModule.forRoot(billing)],
    })
      .overrideProvider(getQuonfigToken('billing', ConfigStore))
      .useValue(store)
      .compile();
    expect(store.installCount).toBe(1);
    expect(app.get<QuonfigService>(getQuonfigToken('billing')).getNumber('limit')).toBe(2);
    expect(app.get(ConfigStore)).not.toBe(store);
    await app.close();
  });

  it('a part and the service can be overridden together', async () => {
    const store = new ConfigStore();
    const quonfig = createTestQuonfig({ limit: 3 });
    const app = await build()
      .overrideProvider(ConfigStore)
      .useValue(store)
      .overrideProvider(QuonfigService)
      .useValue(quonfig)
      .compile();
    await app.init();
    expect(app.get(ConfigStore)).toBe(store);
    expect(app.get(QuonfigService).getNumber('limit')).toBe(3);
    expect(store.installCount).toBe(0);
    await app.close();
  });

  it.each<[string, (override: OverrideBy) => TestingModuleBuilder]>([
    ['useFactory', (override) => override.useFactory({ factory: () => new ConfigStore() })],
    ['useClass', (override) => override.useClass(ConfigStore)],
    ['a promise', (override) => override.useValue(Promise.resolve(new ConfigStore()))],
  ])('overriding a part with %s fails, and names the part and the remedy', async (_, override) => {
    const building = override(build().overrideProvider(ConfigStore)).compile();
    await expect(building).rejects.toMatchObject({
      code: 'overridden_late',
      message: expect.stringMatching(
        /^ConfigStore is overridden with .* override with useValue\.$/,
      ),
    });
  });

  it('two modules without a name have their own services, also if one waits long for its options', async () => {
    let firstLoaded = (): void => undefined;
    const loaded = new Promise<void>((resolve) => (firstLoaded = resolve));
    const load = async (): Promise<QuonfigModuleOptions> => {
      await loaded;
      return options({ limit: 2 });
    };
    @Injectable()
    class First {
      constructor(@Inject(QuonfigService) readonly quonfig: QuonfigService) {
        firstLoaded();
      }
    }
    @Injectable()
    class Second {
      constructor(@Inject(QuonfigService) readonly quonfig: QuonfigService) {}
    }
    @Module({ imports: [QuonfigModule.forRootAsync({ useFactory: load })], providers: [Second] })
    class SecondModule {}
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot(options({ limit: 1 })), SecondModule],
      providers: [First],
    }).compile();
    expect(app.get(First).quonfig.getNumber('limit')).toBe(1);
    expect(app.get(Second).quonfig.getNumber('limit')).toBe(2);
    await app.close();
  });

  it('a test can override QuonfigContext, which no other part needs, with a factory', async () => {
    const own = { current: () => ({}) };
    const app = await build()
      .overrideProvider(QuonfigContext)
      .useFactory({ factory: () => own })
      .compile();
    expect(app.get(QuonfigContext)).toBe(own);
    await app.close();
  });

  it('a testing module beside a module that has no usable options replaces its service', async () => {
    @Module({ imports: [QuonfigModule.forRoot({})] })
    class Feature {}
    const app = await Test.createTestingModule({
      imports: [Feature, QuonfigTestingModule.forValues({ limit: 9 })],
    }).compile();
    expect(app.get(QuonfigService).getNumber('limit')).toBe(9);
    await app.close();
  });

  it('a test can override the delivery', async () => {
    const calls: string[] = [];
    const delivery = {
      load: async () => void calls.push('load'),
      start: () => void calls.push('start'),
      close: async () => void calls.push('close'),
    };
    const app = await build().overrideProvider(LocalDelivery).useValue(delivery).compile();
    await app.init();
    expect(app.get(QuonfigService).getNumber('limit', undefined, 5)).toBe(5);
    await app.close();
    expect(calls).toEqual(['load', 'start', 'close']);
  });

  it('a test can override the watcher, and its change events make the delivery reload', async () => {
    const file = new Datafile({ limit: 1 });
    let changed: (() => unknown) | undefined;
    let closed = false;
    const watcher = {
      start: (reload: () => unknown) => {
        changed = reload;
      },
      close: async () => {
        closed = true;
      },
    };
    const app = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: file.path, logger: new RecordingLogger() })],
    })
      .overrideProvider(DatadirWatcher)
      .useValue(watcher)
      .compile();
    expect(changed).toBeUndefined();
    await app.init();
    file.set({ limit: 2 });
    await changed!();
    expect(app.get(QuonfigService).getNumber('limit')).toBe(2);
    await app.close();
    expect(closed).toBe(true);
    file.remove();
  });

  it('a test can override a part of a single named instance', async () => {
    const app = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot(options({ limit: 1 })),
        QuonfigModule.forRoot({ ...options({ limit: 2 }), name: 'billing' }),
      ],
    })
      .overrideProvider(getQuonfigToken('billing'))
      .useValue({ getNumber: () => 99 })
      .compile();
    await app.init();
    expect(app.get(QuonfigService).getNumber('limit')).toBe(1);
    expect(app.get<QuonfigService>(getQuonfigToken('billing')).getNumber('limit')).toBe(99);
    await app.close();
  });
});

describe('a failing first load', () => {
  let file: Datafile;

  beforeEach(() => {
    file = new Datafile({});
    file.write('{"configs": [');
  });
  afterEach(() => {
    file.remove();
  });

  it('the application fails to start if the first load fails, with an error that names the file', async () => {
    const quonfig = QuonfigModule.forRoot({ datafile: file.path, logger: new RecordingLogger() });
    await expect(Test.createTestingModule({ imports: [quonfig] }).compile()).rejects.toThrow(
      file.path,
    );
  });

  it('a failed first load is only a warning under "return-defaults", and reads use later configs', async () => {
    const logger = new RecordingLogger();
    const app = await Test.createTestingModule({
      imports: [
        QuonfigModule.forRoot({
          datafile: file.path,
          logger,
          onInitFailure: 'return-defaults',
        }),
      ],
    }).compile();
    await app.init();
    const quonfig = app.get(QuonfigService);
    expect(quonfig.ready()).toBe(false);
    expect(quonfig.getNumber('limit', undefined, 5)).toBe(5);
    expect(logger.problems).toEqual([expect.stringContaining(file.path)]);

    file.set({ limit: 6 });
    await quonfig.refresh();
    expect(quonfig.getNumber('limit', undefined, 5)).toBe(6);
    await app.close();
  });
});
