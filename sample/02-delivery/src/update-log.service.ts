import { Injectable, Logger } from '@nestjs/common';
import { OnQuonfigUpdate, type QuonfigUpdate } from 'nestjs-quonfig';

/** Logs what changed. */
@Injectable()
export class UpdateLogService {
  private readonly logger = new Logger('Delivery');

  @OnQuonfigUpdate()
  logKeys({ generation, added, changed, removed }: QuonfigUpdate): void {
    const keys = [...added, ...changed, ...removed].join(', ');
    this.logger.log(`Generation ${generation}: ${keys}`);
  }
}
