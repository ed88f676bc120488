import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { QuonfigService, type QuonfigHealth } from 'nestjs-quonfig';

/** For a readiness probe. Do not use it as a liveness probe: a restart repairs neither a server nor a key. */
@Controller('health')
export class HealthController {
  constructor(private readonly quonfig: QuonfigService) {}

  /** Returns 200 while configs are loaded and the key is accepted, even during fallback polling; otherwise 503. */
  @Get()
  health(): QuonfigHealth {
    const health = this.quonfig.health();
    if (!health.ready || health.terminalFailure) throw new ServiceUnavailableException(health);
    return health;
  }
}
