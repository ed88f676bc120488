import 'reflect-metadata';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Injectable,
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  type NestMiddleware,
  type NestModule,
  type PipeTransform,
  Scope,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_GUARD, LazyModuleLoader, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OnQuonfigUpdate, QuonfigModule, QuonfigService } from '../../lib/index.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Datafile } from './support/datafile.js';

let file: Datafile;
let logger: RecordingLogger;
let app: INestApplication | undefined;
const calls: string[] = [];

class Handling {
  @OnQuonfigUpdate()
  onUpdate(): void {
    calls.push(this.constructor.name);
  }
}

@Injectable()
class Guard extends Handling implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@Injectable()
class GlobalGuard extends Guard {}

@Injectable()
class Interceptor extends Handling implements NestInterceptor {
  intercept(_: unknown, next: { handle(): Observable<unknown> }): Observable<unknown> {
    return next.handle();
  }
}

@Injectable()
class Pipe extends Handling implements PipeTransform {
  transform(value: unknown): unknown {
    return value;
  }
}

@Catch()
class Filter extends Handling implements ExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): void {
    throw error;
  }
}

@Injectable()
class Middleware extends Handling implements NestMiddleware {
  use(_request: unknown, _response: unknown, next: () => void): void {
    next();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestGuard extends Guard {}

/** An application with a controller that uses every kind of enhancer. */
function applicationWith(guard: Type<CanActivate>): Type {
  @Controller()
  @UseGuards(guard)
  @UseFilters(Filter)
  class CatsController extends Handling {
    @Get()
    @UseInterceptors(Interceptor)
    @UsePipes(Pipe)
    list(): string {
      return 'cats';
    }
  }

  @Module({
    imports: [QuonfigModule.forRoot({ datafile: file.path, logger })],
    controllers: [CatsController],
    providers: [{ provide: APP_GUARD, useClass: GlobalGuard }],
  })
  class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(Middleware).forRoutes(CatsController);
    }
  }
  return AppModule;
}

const everywhere = [
  'CatsController',
  'Filter',
  'GlobalGuard',
  'Guard',
  'Interceptor',
  'Middleware',
  'Pipe',
];

beforeEach(() => {
  file = new Datafile({ a: 1 });
  logger = new RecordingLogger();
  calls.length = 0;
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  file.remove();
});

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('classes with @OnQuonfigUpdate on %s', (_, adapter) => {
  it('handlers on guards, interceptors, pipes, filters, middleware and controllers are called', async () => {
    app = await NestFactory.create(applicationWith(Guard), adapter(), { logger: false });
    await app.init();
    expect(calls.sort()).toEqual(everywhere);
    calls.length = 0;
    file.set({ a: 2 });
    await app.get(QuonfigService).refresh();
    expect(calls.sort()).toEqual(everywhere);
    expect(logger.problems).toEqual([]);
  });

  it('a handler on a request-scoped guard causes one warning that names class and method', async () => {
    app = await NestFactory.create(applicationWith(RequestGuard), adapter(), { logger: false });
    await app.init();
    file.set({ a: 2 });
    await app.get(QuonfigService).refresh();
    expect(calls).not.toContain('RequestGuard');
    const warnings = logger.problems.filter((line) => line.includes('RequestGuard.onUpdate'));
    expect(warnings).toEqual([expect.stringContaining('is never called')]);
  });
});

describe('QuonfigModule in a lazily loaded module', () => {
  class LazyHandler extends Handling {}

  it.each([true, false])(
    'with isGlobal: %s, a lazily loaded module follows changes and notifies handlers',
    async (isGlobal) => {
      @Module({
        imports: [QuonfigModule.forRoot({ datafile: file.path, logger, isGlobal })],
        providers: [LazyHandler],
      })
      class LazyModule {}
      @Module({})
      class AppModule {}
      const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
      const lazy = await context.get(LazyModuleLoader).load(() => LazyModule);
      const quonfig = lazy.get(QuonfigService, { strict: false });
      await new Promise(setImmediate);
      expect(calls).toEqual(['LazyHandler']);
      file.set({ a: 2 });
      await quonfig.refresh();
      expect(calls).toEqual(['LazyHandler', 'LazyHandler']);
      expect(logger.problems).toEqual([
        expect.stringMatching(/^warn The Quonfig module without a name was loaded lazily/),
      ]);
      await quonfig.close();
      await context.close();
    },
  );

  it.each([true, false])(
    'with isGlobal: %s, an eagerly imported module does not count as lazy',
    async (isGlobal) => {
      @Module({ imports: [QuonfigModule.forRoot({ datafile: file.path, logger, isGlobal })] })
      class FeatureModule {}
      @Module({ imports: [FeatureModule] })
      class AppModule {}
      const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
      await new Promise(setImmediate);
      expect(logger.problems).toEqual([]);
      await context.close();
    },
  );
});
