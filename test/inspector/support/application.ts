import 'reflect-metadata';
import { type INestApplication, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { onTestFinished } from 'vitest';
import {
  type Config,
  type Contexts,
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../../lib/index.js';
import {
  QuonfigInspectorModule,
  type QuonfigInspectorOptions,
} from '../../../lib/inspector/index.js';
import { EnvelopeFile } from '../../support/configs.js';
import { RecordingLogger } from '../../support/recording-logger.js';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

const adapters = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() };

export interface InspectedApplication {
  readonly app: INestApplication;
  readonly quonfig: QuonfigService;
  /** The origin, without a path. */
  readonly origin: string;
  /** Replaces the configs. */
  readonly update: (configs: Config[]) => Promise<void>;
  /** Requests a path below the inspector, with contexts as the page sends them. */
  readonly ask: (
    path: string,
    contexts?: Contexts,
    headers?: Record<string, string>,
  ) => Promise<Response>;
  /** The JSON of such a request. */
  readonly json: <T = Record<string, unknown>>(path: string, contexts?: Contexts) => Promise<T>;
}

export interface InspectedSettings {
  adapter?: Adapter;
  inspector?: QuonfigInspectorOptions;
  quonfig?: Partial<QuonfigModuleOptions>;
  metadata?: ModuleMetadata;
  /** Before the application is initialized. */
  setUp?(app: INestApplication): void;
  /** Where the inspector is. Default `/quonfig`. */
  path?: string;
}

/** An application with the inspector, on configs of a file. Closes with the test unless `ofTest` is false. */
export async function inspected(
  configs: Config[],
  settings: InspectedSettings = {},
  ofTest = true,
): Promise<InspectedApplication> {
  const { adapter = 'express', inspector, metadata, path = '/quonfig' } = settings;
  const file = new EnvelopeFile(configs, ofTest);
  @Module({
    ...metadata,
    imports: [
      QuonfigModule.forRoot({
        datafile: file.path,
        logger: new RecordingLogger(),
        ...settings.quonfig,
      }),
      QuonfigInspectorModule.register(inspector),
      ...(metadata?.imports ?? []),
    ],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapters[adapter](), {
    logger: false,
    abortOnError: false,
  });
  if (ofTest) onTestFinished(() => app.close());
  settings.setUp?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const origin = `http://127.0.0.1:${port}`;
  const ask = (below: string, contexts?: Contexts, headers = {}): Promise<Response> =>
    fetch(`${origin}${path}${below}`, { headers: { ...headerOf(contexts), ...headers } });
  const quonfig = app.get<QuonfigService>(QuonfigService);
  return {
    app,
    quonfig,
    origin,
    ask,
    json: async <T>(below: string, contexts?: Contexts) =>
      (await (await ask(below, contexts)).json()) as T,
    update: async (next) => {
      file.set(next);
      await quonfig.refresh();
    },
  };
}

/** The header in which the page sends contexts. */
export function headerOf(contexts: unknown): Record<string, string> {
  if (contexts === undefined) return {};
  const text = Buffer.from(JSON.stringify(contexts)).toString('base64url');
  return { 'x-quonfig-contexts': text };
}
