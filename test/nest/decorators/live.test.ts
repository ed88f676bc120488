import 'reflect-metadata';
import { Controller, Injectable, Module, type OnModuleInit, Scope } from '@nestjs/common';
import { LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import {
  createQuonfigDecorators,
  Live,
  type LiveValue,
  QuonfigModule,
  QuonfigService,
} from '../../../lib/index.js';
import { constant, envelope } from '../../support/configs.js';
import { app, compile, logger, setUpApplication, start, update } from '../support/application.js';

setUpApplication({ limit: 20 });

describe('@Live', () => {
  it('the property is a live value before any onModuleInit, in providers and controllers', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Search implements OnModuleInit {
      @Live('limit', 5) readonly limit!: LiveValue<number>;
      @Live('missing', 7) readonly other!: LiveValue<number>;
      onModuleInit(): void {
        seen.push(this.limit.value, this.other.value);
      }
    }
    @Controller()
    class Routes implements OnModuleInit {
      @Live('limit') readonly limit!: LiveValue<number>;
      onModuleInit(): void {
        seen.push(this.limit.value);
      }
    }
    await start({ providers: [Search], controllers: [Routes] });
    expect(seen).toHaveLength(3);
    expect(seen).toEqual(expect.arrayContaining([20, 7]));
    const { limit } = app!.get(Search);
    const changes: number[] = [];
    limit.changes$.subscribe((changed) => changes.push(changed));
    await update({ limit: 30 });
    expect(limit.value).toBe(30);
    expect(app!.get(Routes).limit.value).toBe(30);
    expect(changes).toEqual([30]);
  });

  it('the property is set in subclasses, request-scoped providers and lazily loaded modules', async () => {
    class Base {
      @Live('limit') readonly limit!: LiveValue<number>;
    }
    @Injectable()
    class Derived extends Base {
      @Live('missing', 1) readonly own!: LiveValue<number>;
    }
    @Injectable({ scope: Scope.REQUEST })
    class Scoped extends Base {}
    @Injectable()
    class Late extends Base {}
    @Module({ providers: [Late] })
    class LateModule {}
    await start({ providers: [Derived, Scoped] });
    const derived = app!.get(Derived);
    expect([derived.limit.value, derived.own.value]).toEqual([20, 1]);
    expect((await app!.resolve(Scoped)).limit.value).toBe(20);
    const lazy = await app!.get(LazyModuleLoader).load(() => LateModule);
    expect(lazy.get(Late).limit.value).toBe(20);
    expect(await app!.get(ModuleRef).create(Late)).toMatchObject({ limit: { value: 20 } });
  });

  it('a read in the constructor throws an error that says what to do', async () => {
    @Injectable()
    class Early {
      constructor() {
        Reflect.get(this, 'limit');
      }
    }
    // Without a class field, as "declare" and useDefineForClassFields: false compile it.
    Live('limit')(Early.prototype, 'limit');
    await expect(compile({ providers: [Early] })).rejects.toMatchObject({
      code: 'read_too_early',
      message: expect.stringMatching(/^Early\.limit is not set yet: .*onModuleInit/) as string,
    });
  });

  it('a unit test without a container can assign the property', () => {
    class Search {
      declare limit: LiveValue<number>;
    }
    Live('limit')(Search.prototype, 'limit');
    const search = new Search();
    search.limit = { value: 3 } as LiveValue<number>;
    expect(search.limit.value).toBe(3);
    expect(Object.keys(search)).toEqual(['limit']);
  });

  it('a stub of the service without live() fails where the property is read, and says what to add', async () => {
    @Injectable()
    class Search {
      @Live('limit', 5) limit!: LiveValue<number>;
    }
    await start({ providers: [Search] }, (builder) =>
      builder.overrideProvider(QuonfigService).useValue({ getNumber: () => 3 }),
    );
    const search = app!.get(Search);
    expect(() => search.limit.value).toThrow(
      expect.objectContaining({
        code: 'incomplete_service',
        message: expect.stringMatching(/^Search\.limit has no value: .*live\(\)/) as string,
      }),
    );
    search.limit = { value: 4 } as LiveValue<number>;
    expect(search.limit.value).toBe(4);
  });

  it('a named instance has its own live values', async () => {
    const Billing = createQuonfigDecorators<{ limit: number }>('billing');
    @Injectable()
    class Invoices {
      @Live('limit', 1, { instance: 'billing' }) readonly limit!: LiveValue<number>;
      @Billing.Live('limit') readonly bound!: LiveValue<number>;
      @Live('limit') readonly own!: LiveValue<number>;
    }
    const datafile = envelope([constant('limit', 'int', 100)]);
    const billing = QuonfigModule.forRoot({ name: 'billing', datafile, logger });
    await start({ imports: [billing], providers: [Invoices] });
    const { limit, bound, own } = app!.get(Invoices);
    expect([limit.value, bound.value, own.value]).toEqual([100, 100, 20]);
  });

  it('a static property is refused when the class is declared', () => {
    @Injectable()
    class Search {}
    expect(() => Live('limit')(Search, 'limit')).toThrow(
      expect.objectContaining({
        code: 'invalid_handler',
        message: expect.stringContaining('Search.limit') as string,
      }) as Error,
    );
  });
});
