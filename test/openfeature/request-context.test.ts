import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type INestApplication,
  Module,
  Param,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  AsyncLocalStorageTransactionContextPropagator,
  type Client,
  type EvaluationContext,
  NOOP_TRANSACTION_CONTEXT_PROPAGATOR,
  OpenFeature,
  ProviderEvents,
} from '@openfeature/server-sdk';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  type ContextFactory,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
} from '../../lib/index.js';
import { QuonfigProvider } from '../../lib/openfeature/index.js';
import { config, constant, envelope, EnvelopeFile, rule, value, when } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

/** `plan` is the plan of the user, `id` their id, `team` the team's name, as far as the contexts say. */
const configs = ['user.plan', 'user.id', 'user.key', 'team.name'].map((property) =>
  config(property, 'string', [
    ...['free', 'pro', 'anna', 'bert', 'red', 'blue'].map((text) =>
      rule(value('string', text), when('PROP_IS_ONE_OF', property, [text])),
    ),
    rule(value('string', 'absent')),
  ]),
);

const CLIENT = 'client';

@Injectable()
class AuthGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<{ user?: object; params: { id: string } }>();
    await delay(Math.random() * 5);
    request.user = { key: request.params.id, plan: request.params.id === 'anna' ? 'pro' : 'free' };
    return true;
  }
}

@Controller()
class UsersController {
  constructor(
    @Inject(CLIENT) private readonly client: Client,
    @Inject(QuonfigContext) private readonly contexts: QuonfigContext,
  ) {}

  @Get('of-request/:id')
  @UseGuards(AuthGuard)
  ofRequest(): Promise<string> {
    return this.read();
  }

  /** The application passes a targeting key of its own. */
  @Get('with-key/:id')
  @UseGuards(AuthGuard)
  withKey(@Param('id') targetingKey: string): Promise<string> {
    return this.read({ targetingKey });
  }

  @Get('with-team/:id')
  @UseGuards(AuthGuard)
  withTeam(): Promise<string> {
    return this.read({ 'team.name': 'blue' });
  }

  @Get('merged/:id')
  @UseGuards(AuthGuard)
  merged(): Promise<string> {
    this.contexts.merge({ team: { name: 'red' } });
    return this.read();
  }

  /** Reads with a transaction context of OpenFeature. */
  @Get('transaction/:id')
  @UseGuards(AuthGuard)
  transaction(@Param('id') id: string): Promise<string> {
    return inTransaction({ targetingKey: id, 'team.name': 'red' }, () => this.read());
  }

  private async read(context?: EvaluationContext): Promise<string> {
    const values: string[] = [];
    for (const { key } of configs) {
      await delay(Math.random() * 2);
      values.push(await this.client.getStringValue(key, 'default', context));
    }
    return values.join(' ');
  }
}

function inTransaction<T>(context: EvaluationContext, action: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    OpenFeature.setTransactionContext(context, () => void action().then(resolve, reject));
  });
}

const byUser: ContextFactory = (source) =>
  source.type === 'http' ? { user: (source.request as { user?: object }).user ?? {} } : undefined;

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  await OpenFeature.clearProviders();
  OpenFeature.setTransactionContextPropagator(NOOP_TRANSACTION_CONTEXT_PROPAGATOR);
  app = undefined;
});

async function start(adapter: ExpressAdapter | FastifyAdapter, context?: ContextFactory) {
  @Module({
    imports: [
      QuonfigModule.forRoot({
        datafile: envelope(configs),
        logger: new RecordingLogger(),
        ...(context && { context }),
      }),
    ],
    controllers: [UsersController],
    providers: [
      {
        provide: CLIENT,
        inject: [QuonfigService],
        useFactory: async (quonfig: QuonfigService) => {
          await OpenFeature.setProviderAndWait(new QuonfigProvider(quonfig));
          return OpenFeature.getClient();
        },
      },
    ],
  })
  class AppModule {}
  app = await NestFactory.create(AppModule, adapter as ExpressAdapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return async (path: string): Promise<string> => (await fetch(`${url}/${path}`)).text();
}

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('OpenFeature evaluations within requests on %s', (_, adapter) => {
  it('an evaluation without a context uses the contexts of its request, however many run at once', async () => {
    const get = await start(adapter(), byUser);
    const users = Array.from({ length: 40 }, (__, index) => (index % 2 === 0 ? 'anna' : 'bert'));
    const answers = await Promise.all(users.map((user) => get(`of-request/${user}`)));
    expect(answers).toEqual(
      users.map((user) => (user === 'anna' ? 'pro absent anna absent' : 'free absent bert absent')),
    );
  });

  it('contexts that QuonfigContext merges count too', async () => {
    const get = await start(adapter(), byUser);
    expect(await get('merged/anna')).toBe('pro absent anna red');
  });

  it('a context of another name is added to those of the request', async () => {
    const get = await start(adapter(), byUser);
    expect(await get('with-team/anna')).toBe('pro absent anna blue');
  });

  it('a targeting key replaces the whole context of the request that it maps into', async () => {
    const get = await start(adapter(), byUser);
    expect(await get('with-key/anna')).toBe('absent anna absent absent');
  });

  it('the transaction context of OpenFeature takes precedence over the contexts of the request', async () => {
    OpenFeature.setTransactionContextPropagator(
      new AsyncLocalStorageTransactionContextPropagator(),
    );
    const get = await start(adapter(), byUser);
    expect(await get('transaction/anna')).toBe('absent anna absent red');
  });

  it('the transaction context works without the option context', async () => {
    OpenFeature.setTransactionContextPropagator(
      new AsyncLocalStorageTransactionContextPropagator(),
    );
    const get = await start(adapter());
    const users = ['anna', 'bert', 'anna', 'bert'];
    const answers = await Promise.all(users.map((user) => get(`transaction/${user}`)));
    expect(answers).toEqual(users.map((user) => `absent ${user} absent red`));
  });
});

describe('OpenFeature evaluations outside of requests', () => {
  it('an evaluation within QuonfigContext.run uses its contexts, and one outside does not', async () => {
    const module = QuonfigModule.forRoot({
      datafile: envelope(configs),
      logger: new RecordingLogger(),
    });
    const application = await NestFactory.createApplicationContext(module as never, {
      logger: false,
    });
    onTestFinished(() => application.close());
    await OpenFeature.setProviderAndWait(new QuonfigProvider(application.get(QuonfigService)));
    const client = OpenFeature.getClient();
    const plan = (): Promise<string> => client.getStringValue('user.plan', '');
    const run = application.get(QuonfigContext).run({ user: { plan: 'pro' } }, plan);
    expect(await Promise.all([run, plan()])).toEqual(['pro', 'absent']);
  });

  it('an event handler runs outside of the context whose refresh() caused the event', async () => {
    const file = new EnvelopeFile(configs);
    const module = QuonfigModule.forRoot({ datafile: file.path, logger: new RecordingLogger() });
    const application = await NestFactory.createApplicationContext(module as never, {
      logger: false,
    });
    onTestFinished(() => application.close());
    const quonfig = application.get(QuonfigService);
    await OpenFeature.setProviderAndWait(new QuonfigProvider(quonfig));
    const client = OpenFeature.getClient();
    const plan = new Promise<string>((resolve) => {
      client.addHandler(ProviderEvents.ConfigurationChanged, () =>
        resolve(client.getStringValue('user.plan', '')),
      );
    });
    file.set([...configs, constant('another', 'bool', true)]);
    await application.get(QuonfigContext).run({ user: { plan: 'pro' } }, () => quonfig.refresh());
    expect(await plan).toBe('absent');
  });

  it('a staleness handler runs outside of the context that suspended the service', async () => {
    const module = QuonfigModule.forRoot({
      datafile: envelope(configs),
      logger: new RecordingLogger(),
    });
    const application = await NestFactory.createApplicationContext(module as never, {
      logger: false,
    });
    onTestFinished(() => application.close());
    const quonfig = application.get(QuonfigService);
    await OpenFeature.setProviderAndWait(new QuonfigProvider(quonfig, { staleAfterMs: 1 }));
    const client = OpenFeature.getClient();
    const plan = new Promise<string>((resolve) => {
      client.addHandler(ProviderEvents.Stale, () =>
        resolve(client.getStringValue('user.plan', '')),
      );
    });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    application.get(QuonfigContext).run({ user: { plan: 'pro' } }, () => quonfig.suspend());
    expect(await plan).toBe('absent');
  });
});
