import { Injectable, Logger } from '@nestjs/common';
import { OnQuonfigUpdate, QuonfigService, type QuonfigUpdate } from 'nestjs-quonfig';

/** Logs what changed. */
@Injectable()
export class UpdateLogService {
  private readonly logger = new Logger('Quickstart');

  constructor(private readonly quonfig: QuonfigService) {}

  /** Called after the first load and after each change in the workspace. */
  @OnQuonfigUpdate()
  logKeys({ added, changed, removed }: QuonfigUpdate): void {
    this.logger.log(`Updated: ${[...added, ...changed, ...removed].join(', ')}`);
  }

  /** Called only when this key was added, changed or removed; 'cart.*' and lists work too. */
  @OnQuonfigUpdate('cart.hold')
  logHold(): void {
    const hold = this.quonfig.getDuration('cart.hold', undefined, 15 * 60_000);
    this.logger.log(`Carts now hold items for ${hold / 60_000} min`);
  }
}
