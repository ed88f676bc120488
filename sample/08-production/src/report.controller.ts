import { setTimeout } from 'node:timers/promises';
import { Controller, Get, Logger } from '@nestjs/common';
import { QuonfigService, RequireFlag } from 'nestjs-quonfig';

@Controller()
export class ReportController {
  private readonly logger = new Logger(ReportController.name);

  constructor(private readonly quonfig: QuonfigService) {}

  @Get()
  greet(): string {
    this.logger.debug('A greeting was requested.');
    return this.quonfig.getString('greeting', undefined, 'Hello');
  }

  /** Takes as long as the config says, and reads a value at the end. */
  @Get('report')
  @RequireFlag('reports')
  async report(): Promise<{ rows: number }> {
    await setTimeout(this.quonfig.getDuration('report.duration', undefined, 0));
    return { rows: this.quonfig.getNumber('report.rows', undefined, 10) };
  }
}
