import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { QuonfigService, type QuonfigHealth } from 'nestjs-quonfig';

/** For a readiness probe. Not for a liveness probe: restarting the application repairs neither a server nor a key. */
@Controller('health')
export class HealthController {
  constructor(private readonly quonfig: QuonfigService) {}

  /** Status 200 as long as configs are held and followed in some way, falling back included; else 503. */
  @Get()
  health(): QuonfigHealth {
    const health = this.quonfig.health();
    if (!health.ready || health.terminalFailure) throw new ServiceUnavailableException(health);
    return health;
  }
}
