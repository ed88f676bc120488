import 'reflect-metadata';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import multipart from '@fastify/multipart';
import {
  type ArgumentsHost,
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  type INestApplication,
  type NestInterceptor,
  Post,
  Req,
  type Type,
  UploadedFiles,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ExpressAdapter, FilesInterceptor } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigValue,
  type ContextFactory,
  QuonfigContext,
  QuonfigModule,
  QuonfigService,
  RequireFlag,
} from '../../../lib/index.js';
import { createTestQuonfig } from '../../../lib/testing/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { rulesByUser } from './support/rules-by-user.js';

interface Request {
  headers: Record<string, string | undefined>;
  user?: { id: string };
}

const byUser: ContextFactory = (source) =>
  source.type === 'http' ? { user: { key: (source.request as Request).user?.id } } : undefined;

const running: INestApplication[] = [];
let url: string;
let logger: RecordingLogger;
/** What requests read after their response, or without one. */
let late: string[];

@Injectable()
class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    request.user = { id: request.headers['x-user']! };
    return true;
  }
}

@Injectable()
@Catch(HttpException)
class OwnerFilter implements ExceptionFilter<HttpException> {
  constructor(
    private readonly quonfig: QuonfigService,
    private readonly http: HttpAdapterHost,
  ) {}

  catch(_error: HttpException, host: ArgumentsHost): void {
    const response: unknown = host.switchToHttp().getResponse();
    this.http.httpAdapter.reply(response, { owner: this.quonfig.getString('owner') }, 400);
  }
}

@Controller()
@UseGuards(AuthGuard)
class OwnerController {
  constructor(
    private readonly quonfig: QuonfigService,
    private readonly context: QuonfigContext,
  ) {}

  @Get('owner')
  async owner(@Req() request: Request) {
    await delay(Number(request.headers['x-delay'] ?? 0));
    return { owner: this.read() };
  }

  @Get('failing')
  @UseFilters(OwnerFilter)
  failing(): never {
    throw new BadRequestException();
  }

  @Get('aborted')
  async aborted(@Req() request: { readonly socket: Socket }) {
    late.push('started');
    await once(request.socket, 'close');
    late.push(this.read());
    setTimeout(() => late.push(this.read()), 1);
  }

  @Get('afterwards')
  afterwards() {
    void this.later();
    return { owner: this.read() };
  }

  @Get('outer')
  async outer() {
    const before = this.read();
    const inner = await get('owner', 'ben');
    return { before, inner, after: this.read() };
  }

  private async later(): Promise<void> {
    await delay(20);
    late.push(this.read());
    this.context.merge({ user: { key: 'merged' } });
    await delay(1);
    late.push(this.read());
  }

  private read(): string {
    return this.quonfig.getString('owner');
  }
}

interface Setup {
  readonly controllers?: Type[];
  readonly context?: ContextFactory;
  readonly prepare?: (app: INestApplication) => Promise<unknown>;
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

async function start(adapter: () => object, setup: Setup = {}): Promise<INestApplication> {
  const { controllers = [], context = byUser, prepare, override = (builder) => builder } = setup;
  const module = await override(
    Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile: rulesByUser(), logger, context })],
      controllers: [OwnerController, ...controllers],
      providers: [AuthGuard, OwnerFilter],
    }),
  ).compile();
  const app = module.createNestApplication(adapter() as ExpressAdapter, { logger: false });
  await prepare?.(app);
  await app.listen(0, '127.0.0.1');
  running.push(app);
  url = await app.getUrl();
  return app;
}

async function get(path: string, user: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`${url}/${path}`, {
    ...init,
    headers: { 'x-user': user, ...init.headers },
  });
  return response.json();
}

beforeEach(() => {
  logger = new RecordingLogger();
  late = [];
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
});

const users = Array.from({ length: 50 }, (_, index) => `u${index % 10}`);

/** A form with two files, each larger than what arrives in one piece. */
function form(user: string): FormData {
  const data = new FormData();
  for (const name of ['one', 'two']) {
    data.append('file', new Blob([user.repeat(100_000)]), `${name}.txt`);
  }
  return data;
}

describe.each([
  ['Express', (): object => new ExpressAdapter()],
  ['Fastify', (): object => new FastifyAdapter()],
])('the option "context" for connections on %s', (platform, adapter) => {
  it('pipelined requests on one connection each read with their own contexts', async () => {
    await start(adapter);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = (user: string, index: number): string =>
      `GET /owner HTTP/1.1\r\nHost: localhost\r\nX-User: ${user}\r\nX-Delay: ${index % 4}\r\n` +
      `Connection: ${index === users.length - 1 ? 'close' : 'keep-alive'}\r\n\r\n`;
    socket.write(users.map(head).join(''));
    let received = '';
    for await (const chunk of socket) received += String(chunk);
    expect([...received.matchAll(/"owner":"(\w+)"/g)].map(([, owner]) => owner)).toEqual(users);
  });

  it('a request whose client has disconnected reads with its own contexts to the end', async () => {
    await start(adapter);
    const abort = new AbortController();
    const aborted = get('aborted', 'anna', { signal: abort.signal });
    await expect.poll(() => late).toEqual(['started']);
    const others = users.map((user) => get('owner', user));
    abort.abort();
    await expect(aborted).rejects.toThrow('abort');
    expect(await Promise.all(others)).toEqual(users.map((owner) => ({ owner })));
    await expect.poll(() => late).toEqual(['started', 'anna', 'anna']);
  });

  it('code started by a request keeps its contexts after the response, and merge() changes only those', async () => {
    await start(adapter);
    expect(await get('afterwards', 'anna')).toEqual({ owner: 'anna' });
    await expect.poll(() => late).toEqual(['anna', 'merged']);
    expect(await get('owner', 'anna')).toEqual({ owner: 'anna' });
  });

  it('a request that the application sends to itself reads with its own contexts', async () => {
    await start(adapter);
    expect(await get('outer', 'anna')).toEqual({
      before: 'anna',
      inner: { owner: 'ben' },
      after: 'anna',
    });
  });

  it('exception filters read with the contexts of the request', async () => {
    await start(adapter);
    expect(await get('failing', 'anna')).toEqual({ owner: 'anna' });
  });

  it('an application that restarts in the same process reads with the contexts of its requests', async () => {
    for (const user of ['anna', 'ben', 'anna']) {
      const app = await start(adapter);
      expect(await get('owner', user)).toEqual({ owner: user });
      expect(app.get(QuonfigContext).current()).toBeUndefined();
      await app.close();
    }
  });

  it('an async context function that reads a flag uses the global contexts, even in a request made within another', async () => {
    const seen: string[] = [];
    await start(adapter, {
      context: async (source) => {
        seen.push(running.at(-1)!.get(QuonfigService).getString('owner'));
        return { user: { key: (source as { request: Request }).request.headers['x-user'] } };
      },
    });
    expect(await get('outer', 'anna')).toMatchObject({ before: 'anna', inner: { owner: 'ben' } });
    expect(seen).toEqual(['nobody', 'nobody']);
  });

  it('middleware in main.ts runs outside the contexts of the request, and everything after it runs inside them', async () => {
    const seen: string[] = [];
    await start(adapter, {
      context: ({ request }: any) => ({ user: { key: request?.headers['x-user'] } }),
      prepare: async (app) => {
        app.use((_request: unknown, _response: unknown, next: () => void) => {
          seen.push(app.get(QuonfigService).getString('owner'));
          next();
        });
      },
    });
    expect(await get('owner', 'anna')).toEqual({ owner: 'anna' });
    expect(await get('owner', 'ben')).toEqual({ owner: 'ben' });
    expect(seen).toEqual(['nobody', 'nobody']);
  });

  it('a service that a test substitutes reads with the contexts of the request', async () => {
    @Controller('flagged')
    @UseGuards(AuthGuard)
    class FlaggedController {
      constructor(
        private readonly quonfig: QuonfigService,
        private readonly context: QuonfigContext,
      ) {}

      @Get()
      @RequireFlag({ key: 'owner', equals: 'anna' })
      @UseGuards(AuthGuard)
      show(@ConfigValue('owner') parameter: string) {
        const merged = this.context.run({ user: { key: 'job' } }, () =>
          this.quonfig.getString('owner'),
        );
        return { parameter, handler: this.quonfig.getString('owner'), merged };
      }
    }
    const service = await QuonfigService.create({
      datafile: rulesByUser(),
      logger,
      globalContext: { user: { key: 'payer' } },
    });
    await start(adapter, {
      controllers: [FlaggedController],
      override: (builder) => builder.overrideProvider(QuonfigService).useValue(service),
    });
    expect(await get('flagged', 'anna')).toEqual({
      parameter: 'anna',
      handler: 'anna',
      merged: 'job',
    });
    expect(await get('flagged', 'ben')).toMatchObject({ statusCode: 404 });
    expect(service.getString('owner')).toBe('payer');
    await service.close();
  });

  it('a service from createTestQuonfig that a test substitutes returns the values of the test for each request', async () => {
    const service = createTestQuonfig({ owner: 'nobody' });
    service.setFor({ user: { key: 'anna' } }, 'owner', 'Anna');
    await start(adapter, {
      override: (builder) => builder.overrideProvider(QuonfigService).useValue(service),
    });
    expect(await get('owner', 'anna')).toEqual({ owner: 'Anna' });
    expect(await get('owner', 'ben')).toEqual({ owner: 'nobody' });
    expect(service.reads().map(({ contexts }) => contexts)).toEqual([
      { user: { key: 'anna' } },
      { user: { key: 'ben' } },
    ]);
  });

  it('a form upload reads with its contexts both before and after its files have arrived', async () => {
    const upload = platform === 'Express' ? ExpressUploads : FastifyUploads;
    await start(adapter, {
      controllers: [upload],
      prepare: (app) => registerMultipart(app, {}),
    });
    const all = users.map((user) => get('upload', user, { method: 'POST', body: form(user) }));
    expect(await Promise.all(all)).toEqual(
      users.map((user) => ({ owners: [user, user], size: user.length * 100_000 })),
    );
  });
});

describe('the option "context" for bodies on Fastify', () => {
  it('a form that is parsed into the body before the handler keeps the contexts', async () => {
    await start(() => new FastifyAdapter(), {
      controllers: [FastifyUploads],
      prepare: (app) => registerMultipart(app, { attachFieldsToBody: true }),
    });
    const all = users.map((user) => get('body', user, { method: 'POST', body: form(user) }));
    expect(await Promise.all(all)).toEqual(users.map((owner) => ({ owner, files: 2 })));
  });

  it('a body of several megabytes keeps the contexts', async () => {
    await start(() => new FastifyAdapter({ bodyLimit: 10_000_000 }), {
      controllers: [FastifyUploads],
    });
    const body = JSON.stringify({ text: 'x'.repeat(5_000_000) });
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const two = ['anna', 'ben'].map((user) => get('large', user, sent));
    expect(await Promise.all(two)).toEqual([
      { owner: 'anna', length: 5_000_000 },
      { owner: 'ben', length: 5_000_000 },
    ]);
  });
});

async function registerMultipart(app: INestApplication, options: object): Promise<void> {
  if (app.getHttpAdapter().getType() !== 'fastify') return;
  await (app as NestFastifyApplication).register(multipart, options);
}

/** Reads before the files have arrived. */
@Injectable()
class ReadsFirst implements NestInterceptor {
  constructor(private readonly quonfig: QuonfigService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    context.switchToHttp().getRequest<{ first?: string }>().first = this.quonfig.getString('owner');
    return next.handle();
  }
}

@Controller()
@UseGuards(AuthGuard)
class ExpressUploads {
  constructor(private readonly quonfig: QuonfigService) {}

  @Post('upload')
  @UseInterceptors(ReadsFirst, FilesInterceptor('file'))
  upload(@Req() request: { first: string }, @UploadedFiles() files: { size: number }[]) {
    return { owners: [request.first, this.quonfig.getString('owner')], size: files[0]!.size };
  }
}

@Controller()
@UseGuards(AuthGuard)
class FastifyUploads {
  constructor(private readonly quonfig: QuonfigService) {}

  @Post('upload')
  async upload(@Req() request: MultipartRequest) {
    const owners = [this.read()];
    let size = 0;
    for await (const part of request.files()) size = (await part.toBuffer()).length;
    owners.push(this.read());
    return { owners, size };
  }

  @Post('body')
  body(@Req() request: { body: { file: object[] } }) {
    return { owner: this.read(), files: request.body.file.length };
  }

  @Post('large')
  large(@Req() request: { body: { text: string } }) {
    return { owner: this.read(), length: request.body.text.length };
  }

  private read(): string {
    return this.quonfig.getString('owner');
  }
}

interface MultipartRequest {
  files(): AsyncIterable<{ toBuffer(): Promise<Buffer> }>;
}
