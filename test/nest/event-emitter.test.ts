import 'reflect-metadata';
import { Injectable, type ModuleMetadata, type OnModuleInit } from '@nestjs/common';
import {
  EventEmitter2,
  EventEmitterModule,
  EventEmitterReadinessWatcher,
  OnEvent,
} from '@nestjs/event-emitter';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ConnectionState,
  getQuonfigToken,
  QuonfigModule,
  QuonfigService,
  type QuonfigUpdate,
} from '../../lib/index.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Datafile } from './support/datafile.js';

let file: Datafile;
let logger: RecordingLogger;
let app: TestingModule | undefined;
const heard: string[] = [];

async function start(metadata: ModuleMetadata): Promise<TestingModule> {
  const imports = [
    QuonfigModule.forRoot({ datafile: file.path, logger }),
    ...(metadata.imports ?? []),
  ];
  app = await Test.createTestingModule({ ...metadata, imports }).compile();
  await app.init();
  return app;
}

async function update(a: number): Promise<void> {
  file.set({ a });
  await app!.get(QuonfigService).refresh();
}

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
  file = new Datafile({ a: 1 });
  logger = new RecordingLogger();
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  file.remove();
});

describe('in an application with @nestjs/event-emitter', () => {
  it('every update goes out on its bus, the first one included', async () => {
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    expect(heard).toEqual(['update +a ~ a=1', 'connection connected']);
    await update(2);
    expect(heard.slice(2)).toEqual(['update + ~a a=2']);
  });

  it('changes of the connection state go out, each once', async () => {
    await start({ imports: [EventEmitterModule.forRoot()], providers: [Listener] });
    const quonfig = app!.get(QuonfigService);
    heard.length = 0;
    quonfig.suspend();
    await quonfig.resume();
    expect(heard).toEqual(['connection disconnected', 'connection connected']);
  });

  it('updates that come before the bus has its listeners wait for them, in order', async () => {
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

  it('a bus with wildcards and one that is not global are served as well', async () => {
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

  it('a named instance sends its events under its name', async () => {
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

  describe('a listener spreads no further', () => {
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

    it('when it rejects', async () => {
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

    it('when it throws, even undefined', async () => {
      await start({ imports: [EventEmitterModule.forRoot()] });
      app!.get(EventEmitter2).on('quonfig.update', () => {
        throw undefined;
      });
      await update(2);
      expect(logger.problems).toEqual([
        expect.stringMatching(/^error A listener of the event quonfig\.update .*undefined/),
      ]);
      expect(app!.get(QuonfigService).getNumber('a')).toBe(2);
    });
  });
});

describe('in an application whose bus', () => {
  const startWith = async (readiness: object): Promise<string[]> => {
    app = await Test.createTestingModule({
      imports: [
        EventEmitterModule.forRoot(),
        QuonfigModule.forRoot({ datafile: file.path, logger }),
      ],
    })
      .overrideProvider(EventEmitterReadinessWatcher)
      .useValue({ setReady: () => undefined, ...readiness })
      .compile();
    const events: string[] = [];
    app.get(EventEmitter2).onAny((event) => events.push(String(event)));
    await app.init();
    return events;
  };

  it('says nothing of being ready, events go out at once', async () => {
    expect(await startWith({})).toEqual(['quonfig.update', 'quonfig.connection']);
  });

  it('fails to become ready, events go out to the listeners there are', async () => {
    const waitUntilReady = () => Promise.reject(new Error('no listeners'));
    const events = await startWith({ waitUntilReady });
    await vi.waitFor(() => expect(events).toEqual(['quonfig.update', 'quonfig.connection']), {
      timeout: 10_000,
    });
    expect(logger.problems).toEqual([expect.stringMatching(/^error The event bus .*no listeners/)]);
  });
});

describe('in an application without an event bus', () => {
  it('nothing is said about it', async () => {
    await start({ providers: [Listener] });
    await update(2);
    expect(heard).toEqual([]);
    expect(logger.problems).toEqual([]);
  });
});
