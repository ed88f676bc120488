import { type DynamicModule, Module } from '@nestjs/common';
import { QuonfigModule } from 'nestjs-quonfig';
import { BoardController } from './board.controller.js';
import { BoardService } from './board.service.js';
import { CONTROL_URL, ControlController } from './control.controller.js';
import { HealthController } from './health.controller.js';
import { UpdateLogService } from './update-log.service.js';

export interface AppOptions {
  sdkKey: string;
  deliveryUrl: string;
  controlUrl: string;
}

@Module({})
export class AppModule {
  static on({ sdkKey, deliveryUrl, controlUrl }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        // With an SDK key from the real service, sdkKey alone is enough.
        QuonfigModule.forRoot({
          sdkKey,
          apiUrls: [deliveryUrl],
          streamUrl: deliveryUrl,
          telemetryUrl: deliveryUrl,
          // Short, so that you see polling soon. The default is one minute.
          fallbackPollIntervalMs: 2000,
        }),
      ],
      controllers: [BoardController, HealthController, ControlController],
      providers: [BoardService, UpdateLogService, { provide: CONTROL_URL, useValue: controlUrl }],
    };
  }
}
