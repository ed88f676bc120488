import { Module } from '@nestjs/common';
import { QuonfigModule } from 'nestjs-quonfig';
import { CatalogModule } from './catalog.module.js';
import { HealthController } from './health.controller.js';
import { datadir } from './workspace.js';

/** The key is a secret of production, so no test has it. */
const { QUONFIG_BACKEND_SDK_KEY: sdkKey } = process.env;

@Module({
  imports: [
    QuonfigModule.forRoot({
      ...(sdkKey ? { sdkKey } : { datadir, environment: 'development' }),
      context: (source) =>
        source.type === 'http'
          ? { user: { plan: source.request.headers['x-plan'] as string | undefined } }
          : {},
    }),
    CatalogModule,
  ],
  controllers: [HealthController],
})
export class AppModule {}
