import { Controller, type FactoryProvider, Get, Header } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';
import { registerQuonfigMetrics } from 'nestjs-quonfig/prometheus';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry of this application alone, with the metrics of Node and of Quonfig. */
export const metricsRegistry: FactoryProvider<Registry> = {
  provide: Registry,
  inject: [QuonfigService],
  useFactory: (quonfig: QuonfigService) => {
    const register = new Registry();
    collectDefaultMetrics({ register });
    registerQuonfigMetrics(register, quonfig);
    return register;
  },
};

@Controller('metrics')
export class MetricsController {
  constructor(private readonly register: Registry) {}

  @Get()
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  metrics(): Promise<string> {
    return this.register.metrics();
  }
}
