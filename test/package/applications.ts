/** The programs of a consumer. Each prints the greeting for Anna and the one without a context. */

const contextBody = `
class AppModule {}
Module({
  imports: [QuonfigModule.forRoot({ datadir: './workspace', environment: 'production' })],
})(AppModule);

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  const quonfig = app.get(QuonfigService);
  const anna = quonfig.getString('greeting', { user: { key: 'anna' } });
  console.log(anna + ', ' + quonfig.get('greeting'));
  await app.close();
}
`;

const fail = (error: string): string => `${error} => { console.error(error); process.exit(1); }`;

const httpBody = `
class GreetingController {
  constructor(quonfig) {
    this.quonfig = quonfig;
  }
  greet(user) {
    return this.quonfig.getString('greeting', { user: { key: user } });
  }
}
Inject(QuonfigService)(GreetingController, undefined, 0);
Param('user')(GreetingController.prototype, 'greet', 0);
Get('greeting/:user')(
  GreetingController.prototype,
  'greet',
  Object.getOwnPropertyDescriptor(GreetingController.prototype, 'greet'),
);
Controller()(GreetingController);

class AppModule {}
Module({
  imports: [QuonfigModule.forRoot({ datadir: './workspace', environment: 'production' })],
  controllers: [GreetingController],
})(AppModule);

async function main() {
  for (const adapter of [new ExpressAdapter(), new FastifyAdapter()]) {
    const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
    app.enableShutdownHooks();
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address();
    const greet = async (user) =>
      (await fetch('http://127.0.0.1:' + port + '/greeting/' + user)).text();
    console.log(adapter.getType() + ': ' + (await greet('anna')) + ', ' + (await greet('bert')));
    await app.close();
  }
}
`;

const nest = ['NestFactory', '@nestjs/core'];
const quonfig = ['QuonfigModule, QuonfigService', 'nestjs-quonfig'];
const web = [
  ['ExpressAdapter', '@nestjs/platform-express'],
  ['FastifyAdapter', '@nestjs/platform-fastify'],
];

export function program(kind: 'esm' | 'cjs', imports: string[][], body: string): string {
  const lines = imports.map(([names, from]) =>
    kind === 'esm'
      ? `import { ${names} } from '${from}';`
      : `const { ${names} } = require('${from}');`,
  );
  const first = kind === 'esm' ? "import 'reflect-metadata';" : "require('reflect-metadata');";
  return `${first}\n${lines.join('\n')}\n${body}\nmain().catch((${fail('error')}));\n`;
}

const context = [['Module', '@nestjs/common'], nest, quonfig];
const http = [['Controller, Get, Inject, Module, Param', '@nestjs/common'], nest, quonfig, ...web];

export const applications: Record<string, string> = {
  'package.json': '{ "name": "consumer", "private": true }',
  'context.mjs': program('esm', context, contextBody),
  'context.cjs': program('cjs', context, contextBody),
  'http.mjs': program('esm', http, httpBody),
  'http.cjs': program('cjs', http, httpBody),
  'service.mjs': `import { QuonfigService } from 'nestjs-quonfig';
const quonfig = await QuonfigService.create({ datadir: './workspace', environment: 'production' });
const anna = quonfig.withContext({ user: { key: 'anna' } });
console.log(anna.getString('greeting') + ', ' + quonfig.get('greeting'));
await quonfig.close();
`,
};

const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2023'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  noEmit: true,
};

export function tsconfig(options: object, files: string[]): string {
  return JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files });
}

const typedApplication = `import { Injectable, Module } from '@nestjs/common';
import { OnQuonfigUpdate, QuonfigModule, QuonfigService, type QuonfigUpdate } from 'nestjs-quonfig';

@Injectable()
export class Greeter {
  constructor(private readonly quonfig: QuonfigService) {}

  greet(key: string): string {
    return this.quonfig.getString('greeting', { user: { key } }, 'Hello');
  }

  isOpen(): boolean {
    return this.quonfig.isEnabled('shop.open');
  }

  @OnQuonfigUpdate('greeting')
  changed(update: QuonfigUpdate): readonly string[] {
    return update.changed;
  }
}

@Module({
  imports: [
    QuonfigModule.forRootAsync({
      useFactory: () => ({ datadir: './workspace', environment: 'production' }),
    }),
  ],
  providers: [Greeter],
})
export class AppModule {}
`;

/** A TypeScript application, with a tsconfig for each module resolution. */
export const typeConsumer: Record<string, string> = {
  'typed.mts': typedApplication,
  'typed.cts': typedApplication,
  'typed.ts': typedApplication,
  'wrong.ts': `import type { QuonfigService } from 'nestjs-quonfig';
declare const quonfig: QuonfigService;
export const text: string = quonfig.isEnabled('shop.open');
`,
  'tsconfig.nodenext.json': tsconfig({ module: 'NodeNext' }, ['typed.mts']),
  'tsconfig.commonjs.json': tsconfig({ module: 'NodeNext' }, ['typed.cts']),
  'tsconfig.bundler.json': tsconfig({ module: 'ESNext', moduleResolution: 'bundler' }, [
    'typed.ts',
  ]),
  'tsconfig.wrong.json': tsconfig({ module: 'NodeNext', skipLibCheck: true }, ['wrong.ts']),
};

const healthBody = `
const registry = new Registry();

class AppModule {}
Module({
  imports: [
    QuonfigModule.forRoot({ datadir: './workspace', environment: 'production' }),
    TerminusModule,
  ],
  providers: [QuonfigHealthIndicator],
})(AppModule);

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  registerQuonfigMetrics(registry, app.get(QuonfigService));
  const ready = /^quonfig_ready 1$/m.test(await registry.metrics());
  const indicator = app.get(QuonfigHealthIndicator);
  const healthy = indicator.isHealthy('quonfig');
  app.get(QuonfigService).suspend();
  const impaired = indicator.isHealthy('quonfig');
  console.log('Hello ' + [ready, healthy.quonfig.status, impaired.quonfig.status].join(' '));
  await app.close();
}
`;

const health = [
  ['Module', '@nestjs/common'],
  nest,
  ['TerminusModule', '@nestjs/terminus'],
  quonfig,
  ['QuonfigHealthIndicator', 'nestjs-quonfig/terminus'],
  ['registerQuonfigMetrics', 'nestjs-quonfig/prometheus'],
  ['Registry', 'prom-client'],
];

const typedHealth = `import { Injectable } from '@nestjs/common';
import { HealthCheckService, type HealthIndicatorResult } from '@nestjs/terminus';
import { QuonfigService } from 'nestjs-quonfig';
import { registerQuonfigMetrics } from 'nestjs-quonfig/prometheus';
import { QuonfigHealthIndicator } from 'nestjs-quonfig/terminus';
import { register } from 'prom-client';

@Injectable()
export class Readiness {
  readonly unregister: () => void;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicator: QuonfigHealthIndicator,
    quonfig: QuonfigService,
  ) {
    this.unregister = registerQuonfigMetrics(register, quonfig, { name: 'main' });
  }

  check() {
    return this.health.check([() => this.result()]);
  }

  result(): HealthIndicatorResult<'quonfig'> {
    return this.indicator.isHealthy('quonfig', { maxStalenessMs: 300_000 });
  }
}
`;

/** Uses the health subpaths and their peers: prints `Hello`, readiness, and the status before and after a suspension. */
export const healthConsumer: Record<string, string> = {
  'health.mjs': program('esm', health, healthBody),
  'health.cjs': program('cjs', health, healthBody),
  'health.mts': typedHealth,
  'health.cts': typedHealth,
  // skipLibCheck: the types of terminus need the optional libraries that it supports.
  'tsconfig.health.json': tsconfig({ module: 'NodeNext', skipLibCheck: true }, [
    'health.mts',
    'health.cts',
  ]),
};
