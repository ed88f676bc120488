import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { QuonfigHealthIndicator } from 'nestjs-quonfig/terminus';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly quonfig: QuonfigHealthIndicator,
  ) {}

  /** Whether to send requests to this process. Terminus also answers 503 once it shuts down. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.quonfig.isHealthy('quonfig', { maxStalenessMs: 300_000 }),
    ]);
  }

  /**
   * Whether the process still answers. A restart repairs neither configs nor the network, so this checks neither. It is
   * not a check of Terminus, because it stays up during a shutdown.
   */
  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }
}
