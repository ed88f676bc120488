/**
 * The application that every cell runs: the greeting of a user from a workspace directory and from a delivery server.
 *
 * @param {string} extension of relative imports: `.js` in ES modules
 * @returns {Record<string, string>} contents by file name
 */
export const applicationFiles = (extension) => ({
  'src/app.controller.ts': `import { Controller, Get, type OnApplicationShutdown, Param } from '@nestjs/common';
import { InjectQuonfig, OnQuonfigUpdate, QuonfigService, type QuonfigUpdate } from 'nestjs-quonfig';

@Controller()
export class AppController implements OnApplicationShutdown {
  private readonly updated = new Set<string>();

  constructor(
    private readonly quonfig: QuonfigService,
    @InjectQuonfig('network') private readonly network: QuonfigService,
  ) {}

  @Get('greeting/:user')
  greet(@Param('user') key: string) {
    const context = { user: { key } };
    const directory = this.quonfig.getString('greeting', context);
    const network = this.network.getString('greeting', context);
    return { directory, network, updated: [...this.updated].sort() };
  }

  @OnQuonfigUpdate('greeting')
  directoryChanged(update: QuonfigUpdate) {
    this.record(update);
  }

  @OnQuonfigUpdate('greeting', { name: 'network' })
  networkChanged(update: QuonfigUpdate) {
    this.record(update);
  }

  /** Not the first load, which adds every config. */
  private record({ changed, source }: QuonfigUpdate) {
    if (changed.length > 0) this.updated.add(source);
  }

  onApplicationShutdown() {
    console.log('stopped');
  }
}
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';
import { QuonfigModule } from 'nestjs-quonfig';
import { AppController } from './app.controller${extension}';

const url = process.env.DELIVERY_URL!;

@Module({
  imports: [
    QuonfigModule.forRoot({
      datadir: process.env.WORKSPACE!,
      dataDirAutoReload: true,
      environment: 'production',
    }),
    QuonfigModule.forRoot({
      name: 'network',
      sdkKey: process.env.SDK_KEY!,
      apiUrls: [url],
      streamUrl: url,
      telemetryUrl: url,
    }),
  ],
  controllers: [AppController],
})
export class AppModule {}
`,
  'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module${extension}';

async function bootstrap() {
  const adapter = process.env.ADAPTER === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'fatal'] });
  // Deno refuses some of the signals that Nest handles by default.
  app.enableShutdownHooks(['SIGINT', 'SIGTERM']);
  await app.listen(0, '127.0.0.1');
  console.log('listening on ' + (await app.getUrl()));
}
void bootstrap();
`,
});
