import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { QuonfigModule } from 'nestjs-quonfig';
import { QuonfigHealthIndicator } from 'nestjs-quonfig/terminus';
import { HealthController } from './health.controller.js';
import { MetricsController, metricsRegistry } from './metrics.controller.js';
import { ReportController } from './report.controller.js';

@Module({
  imports: [
    // With an SDK key from the real service, { sdkKey } alone is enough; see the README.
    QuonfigModule.forRoot({
      datadir: process.env.QUONFIG_WORKSPACE ?? 'k8s/workspace',
      environment: process.env.QUONFIG_ENVIRONMENT ?? 'production',
      dataDirAutoReload: true,
      loggerKey: 'log-level.production',
    }),
    // After SIGTERM, readiness fails, and requests are served until load balancers have stopped sending any.
    TerminusModule.forRoot({ gracefulShutdownTimeoutMs: Number(process.env.DRAIN_MS ?? 0) }),
  ],
  controllers: [HealthController, MetricsController, ReportController],
  providers: [QuonfigHealthIndicator, metricsRegistry],
})
export class AppModule {}
