import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';

@Controller()
export class HealthController {
  constructor(private readonly quonfig: QuonfigService) {}

  @Get('health')
  health() {
    const { connectionState, terminalFailure } = this.quonfig.health();
    if (terminalFailure) throw new ServiceUnavailableException('The SDK key was refused.');
    return { flags: connectionState === 'connected' ? 'current' : 'outdated' };
  }
}
