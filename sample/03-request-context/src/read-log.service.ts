import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';

/** Logs every read and for whom, so that you can watch guards, handlers and jobs. */
@Injectable()
export class ReadLogService implements OnModuleInit {
  private readonly logger = new Logger('Reads');

  constructor(private readonly quonfig: QuonfigService) {}

  onModuleInit(): void {
    this.quonfig.reads$.subscribe(({ key, value, isSecret, contexts }) => {
      if (isSecret) return;
      const user = contexts.user?.key;
      const name = typeof user === 'string' ? user : 'nobody';
      this.logger.log(`${key} is ${String(value)} for ${name}`);
    });
  }
}
