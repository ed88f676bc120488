import 'reflect-metadata';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  EventEmitter2,
  EventEmitterModule,
  EventEmitterReadinessWatcher,
  OnEvent,
} from '@nestjs/event-emitter';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type ConnectionState,
  getQuonfigToken,
  QuonfigModule,
  QuonfigService,
  type QuonfigUpdate,
} from '../../lib/index.js';
import {
  app,
  compile,
  file,
  logger,
  setUpApplication,
  start,
  update,
} from './support/application.js';
import { Datafile } from './support/datafile.js';

const heard: string[] = [];

setUpApplication({ a: 1 });

@Injectable()
class Listener {
  constructor(private readonly quonfig: QuonfigService) {}

  @OnEvent('quonfig.update')
  onUpdate({ added, changed }: QuonfigUpdate): void {
    heard.push(`update +${added.join()} ~${changed.join()} a=${this.quonfig.getNumber('a')}`);
  }

  @OnEvent('quonfig.connection')
  onConnection(state: ConnectionState): void {
    heard.push(`connection ${state}`);
  }
}

beforeEach(() => {
  heard.length = 0;
});

describe('an application with @nestjs/event-emitter', () => {
  it('emits every update on the event bus, the first included', async () => {
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    expect(heard).toEqual(['update +a ~ a=1', 'connection connected']);
    await update({ a: 2 });
    expect(heard.slice(2)).toEqual(['update + ~a a=2']);
  });

  it('emits each change of the connection state once on the event bus', async () => {
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    const quonfig = app!.get(QuonfigService);
    heard.length = 0;
    quonfig.suspend();
    await quonfig.resume();
    expect(heard).toEqual(['connection disconnected', 'connection connected']);
  });

  it('holds early updates until the event bus has its listeners, then emits them in order', async () => {
    @Injectable()
    class Early implements OnModuleInit {
      constructor(private readonly quonfig: QuonfigService) {}

      async onModuleInit(): Promise<void> {
        file.set({ a: 2 });
        await this.quonfig.refresh();
      }
    }
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener, Early] });
    expect(heard).toEqual(['update +a ~ a=2', 'connection connected', 'update + ~a a=2']);
  });

  it('emits events on wildcard buses and on buses that are not global', async () => {
    @Injectable()
    class Wildcard {
      @OnEvent('quonfig.*')
      onAny(): void {
        heard.push('any');
      }
    }
    await start({
      imports: [EventEmitterModule.forRoot({ wildcard: true, global: false })],
      providers: [Wildcard],
    });
    expect(heard).toEqual(['any', 'any']);
  });

  it('finds the event bus when a bundler has renamed its classes', async () => {
    const renamed = [EventEmitterModule, EventEmitter2, EventEmitterReadinessWatcher];
    const names = renamed.map(({ name }) => name);
    const rename = (to: (index: number) => string): void =>
      renamed.forEach((value, index) => Object.defineProperty(value, 'name', { value: to(index) }));
    rename(() => 'e');
    onTestFinished(() => rename((index) => names[index]!));
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    expect(heard).toEqual(['update +a ~ a=1', 'connection connected']);
  });

  it('ignores a provider of the application that only resembles the watcher of the event bus', async () => {
    @Injectable()
    class Warehouse {
      waitUntilReady(): Promise<never> {
        return new Promise(() => undefined);
      }

      setReady(): void {
        // Has the methods of the package's own class.
      }
    }
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener, Warehouse] });
    expect(heard).toEqual(['update +a ~ a=1', 'connection connected']);
  });

  it('emits the events of a named instance with its name', async () => {
    @Injectable()
    class Both {
      @OnEvent('quonfig.update')
      onMain(): void {
        heard.push('main');
      }

      @OnEvent('quonfig.billing.update')
      onBilling(): void {
        heard.push('billing');
      }
    }
    const plans = new Datafile({ x: 1 });
    await start({
      imports: [
        EventEmitterModule.forRoot(),
        QuonfigModule.forRoot({ datafile: plans.path, logger, name: 'billing' }),
      ],
      providers: [Both],
    });
    expect(heard.splice(0).sort()).toEqual(['billing', 'main']);
    plans.set({ x: 2 });
    await app!.get<QuonfigService>(getQuonfigToken('billing')).refresh();
    expect(heard).toEqual(['billing']);
    plans.remove();
  });

  describe('a failing event listener', () => {
    const unhandled = vi.fn();
    beforeEach(() => {
      unhandled.mockClear();
      process.on('unhandledRejection', unhandled);
    });
    afterEach(async () => {
      await new Promise(setImmediate);
      process.off('unhandledRejection', unhandled);
      expect(unhandled).not.toHaveBeenCalled();
    });

    it('logs an event listener that rejects, and still calls the others', async () => {
      @Injectable()
      class Failing {
        @OnEvent('quonfig.update', { suppressErrors: false })
        async rejects(): Promise<void> {
          throw new Error('rejected');
        }
      }
      await start({ imports: [EventEmitterModule.forRoot()], providers: [Failing, Listener] });
      await vi.waitFor(
        () =>
          expect(logger.problems).toEqual([
            expect.stringMatching(/^error A listener of the event quonfig\.update .*rejected/),
          ]),
        { timeout: 10_000 },
      );
      expect(heard).toEqual(['update +a ~ a=1', 'connection connected']);
    });

    it('logs an event listener that throws, even undefined', async () => {
      await start({ imports: [EventEmitterModule.forRoot()] });
      app!.get(EventEmitter2).on('quonfig.update', () => {
        throw undefined;
      });
      await update({ a: 2 });
      expect(logger.problems).toEqual([
        expect.stringMatching(/^error A listener of the event quonfig\.update .*undefined/),
      ]);
      expect(app!.get(QuonfigService).getNumber('a')).toBe(2);
    });
  });
});

describe('the readiness of the event bus', () => {
  const startWith = async (readiness: object): Promise<string[]> => {
    const module = await compile({ imports: [EventEmitterModule.forRoot()] }, (builder) =>
      builder
        .overrideProvider(EventEmitterReadinessWatcher)
        .useValue({ setReady: () => undefined, ...readiness }),
    );
    const events: string[] = [];
    module.get(EventEmitter2).onAny((event) => events.push(String(event)));
    await module.init();
    return events;
  };

  it('emits events at once when the event bus does not report readiness', async () => {
    expect(await startWith({})).toEqual(['quonfig.update', 'quonfig.connection']);
  });

  it('emits events to the existing listeners when the event bus never becomes ready', async () => {
    const waitUntilReady = () => Promise.reject(new Error('no listeners'));
    const events = await startWith({ waitUntilReady });
    await vi.waitFor(() => expect(events).toEqual(['quonfig.update', 'quonfig.connection']), {
      timeout: 10_000,
    });
    expect(logger.problems).toEqual([expect.stringMatching(/^error The event bus .*no listeners/)]);
  });
});

describe('an application without an event bus', () => {
  it('logs nothing when the application has no event bus', async () => {
    await start({ providers: [Listener] });
    await update({ a: 2 });
    expect(heard).toEqual([]);
    expect(logger.problems).toEqual([]);
  });
});
