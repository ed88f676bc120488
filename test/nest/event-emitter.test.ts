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

const calls: string[] = [];

setUpApplication({ a: 1 });

@Injectable()
class Listener {
  constructor(private readonly quonfig: QuonfigService) {}

  @OnEvent('quonfig.update')
  onUpdate({ added, changed }: QuonfigUpdate): void {
    calls.push(`update +${added.join()} ~${changed.join()} a=${this.quonfig.getNumber('a')}`);
  }

  @OnEvent('quonfig.connection')
  onConnection(state: ConnectionState): void {
    calls.push(`connection ${state}`);
  }
}

beforeEach(() => {
  calls.length = 0;
});

describe('an application with @nestjs/event-emitter', () => {
  it('every update is emitted on the event bus, including the first', async () => {
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    expect(calls).toEqual(['update +a ~ a=1', 'connection connected']);
    await update({ a: 2 });
    expect(calls.slice(2)).toEqual(['update + ~a a=2']);
  });

  it('each change of the connection state is emitted once on the event bus', async () => {
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    const quonfig = app!.get(QuonfigService);
    calls.length = 0;
    quonfig.suspend();
    await quonfig.resume();
    expect(calls).toEqual(['connection disconnected', 'connection connected']);
  });

  it('early updates wait until the event bus has its listeners, then are emitted in order', async () => {
    @Injectable()
    class Early implements OnModuleInit {
      constructor(private readonly quonfig: QuonfigService) {}

      async onModuleInit(): Promise<void> {
        file.set({ a: 2 });
        await this.quonfig.refresh();
      }
    }
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener, Early] });
    expect(calls).toEqual(['update +a ~ a=2', 'connection connected', 'update + ~a a=2']);
  });

  it('events are emitted on wildcard buses and on buses that are not global', async () => {
    @Injectable()
    class Wildcard {
      @OnEvent('quonfig.*')
      onAny(): void {
        calls.push('any');
      }
    }
    await start({
      imports: [EventEmitterModule.forRoot({ wildcard: true, global: false })],
      providers: [Wildcard],
    });
    expect(calls).toEqual(['any', 'any']);
  });

  it('the event bus is found even if a bundler has renamed its classes', async () => {
    const renamed = [EventEmitterModule, EventEmitter2, EventEmitterReadinessWatcher];
    const names = renamed.map(({ name }) => name);
    const rename = (to: (index: number) => string): void =>
      renamed.forEach((value, index) => Object.defineProperty(value, 'name', { value: to(index) }));
    rename(() => 'e');
    onTestFinished(() => rename((index) => names[index]!));
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    expect(calls).toEqual(['update +a ~ a=1', 'connection connected']);
  });

  it('a provider that only resembles the readiness watcher of the event bus is ignored', async () => {
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
    expect(calls).toEqual(['update +a ~ a=1', 'connection connected']);
  });

  it('the events of a named instance are emitted with its name', async () => {
    @Injectable()
    class Both {
      @OnEvent('quonfig.update')
      onMain(): void {
        calls.push('main');
      }

      @OnEvent('quonfig.billing.update')
      onBilling(): void {
        calls.push('billing');
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
    expect(calls.splice(0).sort()).toEqual(['billing', 'main']);
    plans.set({ x: 2 });
    await app!.get<QuonfigService>(getQuonfigToken('billing')).refresh();
    expect(calls).toEqual(['billing']);
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

    it('an event listener that rejects is logged, and the others are still called', async () => {
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
            expect.stringMatching(
              /^error A listener of the event quonfig\.update .*Fix the listener\..*rejected/,
            ),
          ]),
        { timeout: 10_000 },
      );
      expect(calls).toEqual(['update +a ~ a=1', 'connection connected']);
    });

    it('an event listener that throws, even undefined, is logged', async () => {
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

  it('events are emitted at once when the event bus does not report readiness', async () => {
    expect(await startWith({})).toEqual(['quonfig.update', 'quonfig.connection']);
  });

  it('events reach the existing listeners when the event bus never becomes ready', async () => {
    const waitUntilReady = () => Promise.reject(new Error('no listeners'));
    const events = await startWith({ waitUntilReady });
    await vi.waitFor(() => expect(events).toEqual(['quonfig.update', 'quonfig.connection']), {
      timeout: 10_000,
    });
    expect(logger.problems).toEqual([expect.stringMatching(/^error The event bus .*no listeners/)]);
  });
});

describe('an application without an event bus', () => {
  it('nothing is logged when the application has no event bus', async () => {
    await start({ providers: [Listener] });
    await update({ a: 2 });
    expect(calls).toEqual([]);
    expect(logger.problems).toEqual([]);
  });
});
