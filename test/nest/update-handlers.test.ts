import 'reflect-metadata';
import { applyDecorators, Controller, Get, Injectable, Module, Scope } from '@nestjs/common';
import { LazyModuleLoader, ModulesContainer } from '@nestjs/core';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  getQuonfigToken,
  OnQuonfigUpdate,
  QuonfigModule,
  QuonfigService,
  type QuonfigUpdate,
} from '../../lib/index.js';
import { createTestQuonfig } from '../../lib/testing/index.js';
import { Datafile } from './support/datafile.js';
import { app, file, logger, setUpApplication, start, update } from './support/application.js';

const calls: string[] = [];
const recordCall = (who: string, { added, changed, removed }: QuonfigUpdate): void => {
  calls.push(`${who} +${added.join()} ~${changed.join()} -${removed.join()}`);
};

setUpApplication({ a: 1, 'search.limit': 1 });

beforeEach(() => {
  calls.length = 0;
});

describe('@OnQuonfigUpdate', () => {
  it('handlers are notified of every install exactly once, after its configs are readable', async () => {
    @Injectable()
    class Ranker {
      constructor(private readonly quonfig: QuonfigService) {}

      @OnQuonfigUpdate()
      onUpdate({ source, version }: QuonfigUpdate): void {
        expect(version).toMatch(/^v\d+$/);
        calls.push(`${source} a=${this.quonfig.getNumber('a')}`);
      }
    }
    await start({ providers: [Ranker] });
    expect(calls).toEqual(['datafile a=1']);
    await update({ a: 2 });
    await update({ a: 3 });
    expect(calls).toEqual(['datafile a=1', 'datafile a=2', 'datafile a=3']);
  });

  it('installs that precede handler discovery are delivered in order', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(received: QuonfigUpdate): void {
        recordCall('Ranker', received);
      }
    }
    await start({
      providers: [
        Ranker,
        {
          provide: 'EARLY',
          inject: [QuonfigService],
          useFactory: async (quonfig: QuonfigService) => {
            file.set({ a: 2 });
            await quonfig.refresh();
          },
        },
      ],
    });
    expect(calls).toEqual(['Ranker +a,search.limit ~ -', 'Ranker + ~a -search.limit']);
  });

  it('handlers on controllers and in imported modules are discovered', async () => {
    @Controller('cats')
    class CatsController {
      @Get()
      list(): string[] {
        return [];
      }

      @OnQuonfigUpdate()
      onUpdate(received: QuonfigUpdate): void {
        recordCall('CatsController', received);
      }
    }
    @Module({ controllers: [CatsController] })
    class CatsModule {}
    await start({ imports: [{ module: CatsModule }] });
    expect(calls).toEqual(['CatsController +a,search.limit ~ -']);
  });

  it('a handler with keys is notified only of updates that add, change or remove one of them', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate('a')
      onKey(received: QuonfigUpdate): void {
        recordCall('key', received);
      }

      @OnQuonfigUpdate('search.*')
      onPattern(received: QuonfigUpdate): void {
        recordCall('pattern', received);
      }

      @OnQuonfigUpdate(['b', '*.limit'])
      onList(received: QuonfigUpdate): void {
        recordCall('list', received);
      }
    }
    await start({ providers: [Ranker] });
    expect(calls.splice(0)).toEqual([
      'key +a,search.limit ~ -',
      'pattern +a,search.limit ~ -',
      'list +a,search.limit ~ -',
    ]);
    await update({ a: 2, 'search.limit': 1 });
    expect(calls.splice(0)).toEqual(['key + ~a -']);
    await update({ a: 2 });
    expect(calls.splice(0)).toEqual(['pattern + ~ -search.limit', 'list + ~ -search.limit']);
    await update({ a: 2, b: 1 });
    expect(calls.splice(0)).toEqual(['list +b ~ -']);
  });

  it('a method with several decorators is called once for an update that matches any of them', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate('a')
      @OnQuonfigUpdate(['a', 'b'])
      @OnQuonfigUpdate('c.*')
      onUpdate(received: QuonfigUpdate): void {
        recordCall('Ranker', received);
      }
    }
    await start({ providers: [Ranker] });
    expect(calls.splice(0)).toEqual(['Ranker +a,search.limit ~ -']);
    await update({ a: 1, b: 1 });
    await update({ a: 1, b: 1, 'c.d': 1 });
    await update({ a: 1, b: 1, 'c.d': 1, e: 1 });
    expect(calls).toEqual(['Ranker +b ~ -search.limit', 'Ranker +c.d ~ -']);
  });

  it('handlers are inherited; an override needs the decorator, and is then called once', async () => {
    class Base {
      @OnQuonfigUpdate()
      kept(): void {
        calls.push(`${this.constructor.name}.kept`);
      }

      @OnQuonfigUpdate()
      silenced(): void {
        calls.push('Base.silenced');
      }

      @OnQuonfigUpdate('a')
      repeated(): void {
        calls.push('Base.repeated');
      }
    }
    @Injectable()
    class Derived extends Base {
      override silenced(): void {
        calls.push('Derived.silenced');
      }

      @OnQuonfigUpdate()
      override repeated(): void {
        calls.push('Derived.repeated');
      }
    }
    await start({ providers: [Derived] });
    expect(calls.sort()).toEqual(['Derived.kept', 'Derived.repeated']);
  });

  it('@OnQuonfigUpdate works with decorators that replace the method and inside composed decorators', async () => {
    const traced: MethodDecorator = (_target, _key, descriptor: PropertyDescriptor) => {
      const method = descriptor.value as () => void;
      descriptor.value = function replaced(this: object) {
        calls.push('traced');
        method.call(this);
      };
    };
    const TracedUpdate = () => applyDecorators(OnQuonfigUpdate('a'), traced);

    @Injectable()
    class Ranker {
      @traced
      @OnQuonfigUpdate()
      outer(): void {
        calls.push('outer');
      }

      @TracedUpdate()
      composed(): void {
        calls.push('composed');
      }
    }
    await start({ providers: [Ranker] });
    expect(calls).toEqual(['traced', 'outer', 'traced', 'composed']);
  });

  it('an instance is called once, however many tokens resolve to it', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(): void {
        calls.push('Ranker');
      }
    }
    await start({
      providers: [
        Ranker,
        { provide: 'ALIAS', useExisting: Ranker },
        { provide: 'AGAIN', inject: [Ranker], useFactory: (ranker: Ranker) => ranker },
      ],
    });
    expect(calls).toEqual(['Ranker']);
  });

  it('handlers on value providers and on instances created by factories are discovered', async () => {
    class Ranker {
      constructor(readonly name: string) {}

      @OnQuonfigUpdate()
      onUpdate(): void {
        calls.push(this.name);
      }
    }
    await start({
      providers: [
        { provide: 'VALUE', useValue: new Ranker('value') },
        { provide: 'MADE', useFactory: async () => new Ranker('made') },
      ],
    });
    expect(calls).toEqual(['value', 'made']);
  });

  it('handler discovery runs no getter and skips providers of any other kind', async () => {
    class Getters {
      get trap(): never {
        throw new Error('a getter was run');
      }
    }
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(): void {
        calls.push('Ranker');
      }
    }
    await start({
      providers: [
        Getters,
        { provide: 'NULL_PROTOTYPE', useValue: Object.create(null) },
        { provide: 'NULL', useValue: null },
        { provide: 'NUMBER', useValue: 5 },
        { provide: 'FUNCTION', useValue: () => 1 },
        { provide: 'CLASS', useValue: Ranker },
        Ranker,
      ],
    });
    expect(calls).toEqual(['Ranker']);
    expect(logger.problems).toEqual([]);
  });

  it('handler discovery warns about a provider it cannot inspect and still finds the other handlers', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(): void {
        calls.push('Ranker');
      }
    }
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('not to be looked at');
        },
      },
    );
    await start({ providers: [{ provide: 'HOSTILE', useFactory: () => hostile }, Ranker] });
    expect(calls).toEqual(['Ranker']);
    expect(logger.problems).toEqual([
      expect.stringMatching(
        /^warn Provider HOSTILE could not be searched .*Remove the accessor or proxy.* not to be looked at/,
      ),
    ]);
  });

  it('handlers of lazily loaded modules are called from the next update on', async () => {
    const gate = new Subject<void>();
    @Injectable()
    class Slow {}
    @Injectable()
    class LazyRanker {
      constructor(readonly slow: Slow) {}

      @OnQuonfigUpdate()
      onUpdate(received: QuonfigUpdate): void {
        expect(this.slow).toBe('slow');
        recordCall('LazyRanker', received);
      }
    }
    @Module({
      providers: [
        LazyRanker,
        {
          provide: Slow,
          useFactory: () => new Promise((resolve) => gate.subscribe(() => resolve('slow'))),
        },
      ],
    })
    class LazyModule {}
    await start({});
    const loading = app!.get(LazyModuleLoader).load(() => LazyModule);
    await vi.waitFor(() => expect(gate.observed).toBe(true));
    await update({ a: 2 });
    gate.next();
    await loading;
    expect(calls).toEqual([]);
    await update({ a: 3 });
    expect(calls).toEqual(['LazyRanker + ~a -']);
    expect(logger.problems).toEqual([]);
  });

  it('the application is scanned for handlers once, and again only after another module is loaded', async () => {
    @Injectable()
    class LazyRanker {
      @OnQuonfigUpdate()
      onUpdate(received: QuonfigUpdate): void {
        recordCall('LazyRanker', received);
      }
    }
    @Module({ providers: [LazyRanker] })
    class LazyModule {}
    await start({});
    const search = vi.spyOn(app!.get(ModulesContainer), 'values');
    await update({ a: 2 });
    await update({ a: 3 });
    expect(search).not.toHaveBeenCalled();
    await app!.get(LazyModuleLoader).load(() => LazyModule);
    expect(calls).toEqual([]);
    search.mockClear();
    await update({ a: 4 });
    await update({ a: 5 });
    expect(calls).toEqual(['LazyRanker + ~a -', 'LazyRanker + ~a -']);
    expect(search).toHaveBeenCalledTimes(1);
  });

  it('a handler for a named instance is notified of its updates, and of no others', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate()
      onMain(): void {
        calls.push('main');
      }

      @OnQuonfigUpdate({ name: 'billing' })
      onBilling(): void {
        calls.push('billing');
      }

      @OnQuonfigUpdate('plan.*', { name: 'billing' })
      onPlan(): void {
        calls.push('plan');
      }
    }
    const plans = new Datafile({ x: 1 });
    await start({
      providers: [Ranker],
      imports: [QuonfigModule.forRoot({ datafile: plans.path, logger, name: 'billing' })],
    });
    expect(calls.splice(0).sort()).toEqual(['billing', 'main']);
    plans.set({ x: 1, 'plan.pro': 1 });
    await app!.get<QuonfigService>(getQuonfigToken('billing')).refresh();
    expect(calls).toEqual(['billing', 'plan']);
    plans.remove();
  });

  it('a handler is called through its instance, so a spy on it is called', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(): void {
        calls.push('Ranker');
      }
    }
    await start({ providers: [Ranker] });
    const spy = vi.spyOn(app!.get(Ranker), 'onUpdate').mockReturnValue();
    await update({ a: 2 });
    expect(spy).toHaveBeenCalledOnce();
    expect(calls).toEqual(['Ranker']);
  });

  it('handlers are notified of the first load of a service that overrides QuonfigService', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate('a')
      onUpdate(first: QuonfigUpdate): void {
        recordCall(`${first.source} ${first.version}`, first);
      }
    }
    const service = await QuonfigService.create({
      datafile: {
        meta: { version: 'of the test' },
        configs: [
          {
            key: 'a',
            type: 'config',
            valueType: 'int',
            default: { rules: [{ value: { type: 'int', value: 5 } }] },
          },
        ],
      },
      enableQuonfigUserContext: false,
    });
    await start({ providers: [Ranker] }, (builder) =>
      builder.overrideProvider(QuonfigService).useValue(service),
    );
    expect(calls).toEqual(['datafile of the test +a ~ -']);
    await service.close();
  });

  it('handlers are notified of the first values of a test service, and of each change before set() returns', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate('a')
      onUpdate(received: QuonfigUpdate): void {
        recordCall('Ranker', received);
      }
    }
    const quonfig = createTestQuonfig({ a: 1, b: true });
    await start({ providers: [Ranker] }, (builder) =>
      builder.overrideProvider(QuonfigService).useValue(quonfig),
    );
    expect(calls).toEqual(['Ranker +a,b ~ -']);
    quonfig.set('b', false);
    quonfig.set('a', 2);
    expect(calls.slice(1)).toEqual(['Ranker + ~a -']);
  });

  it('handlers are notified of updates of a service that overrides QuonfigService', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate('a')
      onUpdate({ version }: QuonfigUpdate): void {
        calls.push(version);
      }
    }
    const updates$ = new Subject<Partial<QuonfigUpdate>>();
    await start({ providers: [Ranker] }, (builder) =>
      builder.overrideProvider(QuonfigService).useValue({ updates$ }),
    );
    updates$.next({ version: 'v1', added: [], changed: ['a'], removed: [] });
    updates$.next({ version: 'v2', added: ['b'], changed: [], removed: [] });
    expect(calls).toEqual(['v1']);
  });
});

describe('a handler that fails', () => {
  const awkward = {
    toString(): string {
      throw new Error('no text');
    },
  };

  it.each([
    ['an error', new Error('ranking broke'), /ranking broke/],
    ['undefined', undefined, /undefined/],
    ['null', null, /null/],
    ['a string', 'broken', /broken/],
    ['a frozen object', Object.freeze({}), /Ranker\.sync/],
    ['an object without prototype', Object.create(null), /Ranker\.sync/],
    ['an object whose toString throws', awkward, /Ranker\.sync/],
  ])(
    'a handler that fails with %s is logged by name, and the others are still called',
    async (_, thrown, text) => {
      @Injectable()
      class Ranker {
        @OnQuonfigUpdate()
        sync(): void {
          throw thrown;
        }

        @OnQuonfigUpdate()
        async async(): Promise<void> {
          throw thrown;
        }

        @OnQuonfigUpdate()
        other(): void {
          calls.push('other');
        }
      }
      const unhandled = vi.fn();
      process.on('unhandledRejection', unhandled);
      await start({ providers: [Ranker] });
      await update({ a: 2 });
      await new Promise(setImmediate);
      process.off('unhandledRejection', unhandled);

      expect(calls).toEqual(['other', 'other']);
      expect(app!.get(QuonfigService).getNumber('a')).toBe(2);
      expect(logger.problems.filter((line) => line.includes('Ranker.sync'))).toHaveLength(2);
      expect(logger.problems.filter((line) => line.includes('Ranker.async'))).toHaveLength(2);
      expect(logger.problems[0]).toMatch(text);
      expect(app!.get(QuonfigService).metrics().callbackErrors).toBe(4);
      expect(unhandled).not.toHaveBeenCalled();
    },
  );

  it('a handler that never settles does not delay the others', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate()
      onUpdate(): Promise<never> {
        calls.push('called');
        return new Promise(() => undefined);
      }
    }
    await start({ providers: [Ranker] });
    await update({ a: 2 });
    expect(calls).toEqual(['called', 'called']);
  });
});

describe('a handler that can never be called', () => {
  class Marked {
    @OnQuonfigUpdate()
    onUpdate(): void {
      calls.push('called');
    }
  }

  it('a handler on a request-scoped provider causes a warning', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends Marked {}
    await start({ providers: [PerRequest] });
    expect(logger.problems).toEqual([expect.stringMatching(/^warn .*PerRequest\.onUpdate/)]);
  });

  it('a handler on a provider that depends on a request-scoped one causes a warning', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}
    @Injectable()
    class Dependent extends Marked {
      constructor(readonly perRequest: PerRequest) {
        super();
      }
    }
    await start({ providers: [Dependent, PerRequest] });
    expect(logger.problems).toEqual([expect.stringMatching(/^warn .*Dependent\.onUpdate/)]);
  });

  it('a handler on a transient provider causes a warning', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Fresh extends Marked {}
    @Injectable()
    class Owner {
      constructor(readonly fresh: Fresh) {}
    }
    await start({ providers: [Fresh, Owner] });
    expect(logger.problems).toEqual([expect.stringMatching(/^warn .*Fresh\.onUpdate/)]);
  });

  it('a handler on a request-scoped controller causes a warning', async () => {
    @Controller({ path: 'cats', scope: Scope.REQUEST })
    class CatsController extends Marked {}
    await start({ controllers: [CatsController] });
    expect(logger.problems).toEqual([expect.stringMatching(/^warn .*CatsController\.onUpdate/)]);
  });

  it('a handler for an instance that does not exist causes a warning', async () => {
    @Injectable()
    class Ranker {
      @OnQuonfigUpdate({ name: 'biling' })
      onUpdate(): void {
        calls.push('called');
      }
    }
    await start({
      providers: [Ranker],
      imports: [QuonfigModule.forRoot({ datafile: file.path, logger, name: 'billing' })],
    });
    expect(logger.problems).toEqual([
      expect.stringMatching(/^warn .*Ranker\.onUpdate.*no Quonfig module named "biling"/),
    ]);
  });

  afterEach(async () => {
    await update({ a: 2 });
    expect(calls).toEqual([]);
    expect(logger.problems).toHaveLength(1);
  });
});

describe('@OnQuonfigUpdate used incorrectly', () => {
  const invalid = (message: RegExp) =>
    expect.objectContaining({
      code: 'invalid_handler',
      message: expect.stringMatching(message) as string,
    }) as Error;

  it.each([[5], [''], ['  '], [null], [[undefined]], [[]], [['a', '']]])(
    '@OnQuonfigUpdate with %j as keys throws when the class is defined',
    (keys) => {
      expect(() => {
        class Ranker {
          @OnQuonfigUpdate(keys as unknown as string)
          onUpdate(): void {}
        }
        return Ranker;
      }).toThrow(invalid(/Ranker\.onUpdate/));
    },
  );

  it('@OnQuonfigUpdate on a static method throws when the class is defined', () => {
    expect(() => {
      class Ranker {
        readonly name = 'ranker';

        @OnQuonfigUpdate()
        static onUpdate(): void {}
      }
      return Ranker;
    }).toThrow(invalid(/Ranker\.onUpdate, which is not an instance method/));
  });

  it('@OnQuonfigUpdate on a getter or a field throws when the class is defined', () => {
    expect(() => {
      class Ranker {
        @OnQuonfigUpdate()
        get onUpdate(): number {
          return 1;
        }
      }
      return Ranker;
    }).toThrow(invalid(/Ranker\.onUpdate/));
    expect(() => OnQuonfigUpdate()({}, 'field', undefined as never)).toThrow(
      invalid(/anonymous class\.field/),
    );
  });

  it('@OnQuonfigUpdate with an empty list of keys throws when the class is defined', () => {
    expect(() => {
      class Ranker {
        @OnQuonfigUpdate([])
        onUpdate(): void {}
      }
      return Ranker;
    }).toThrow(invalid(/empty list of keys/));
  });
});
