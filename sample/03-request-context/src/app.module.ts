import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { QuonfigModule } from 'nestjs-quonfig';
import { ExportQueue } from './export.queue.js';
import { ExportWriter } from './export.writer.js';
import { ExportsController } from './exports.controller.js';
import { LoginController } from './login.controller.js';
import { OrdersController } from './orders.controller.js';
import { ReadLogService } from './read-log.service.js';
import { ShippingService } from './shipping.service.js';
import { ShopOpenGuard } from './shop-open.guard.js';
import { TokensService } from './tokens.service.js';
import { contextsOf } from './users.js';
import { workspace } from './workspace.js';

@Module({
  imports: [
    QuonfigModule.forRoot({
      ...workspace,
      dataDirAutoReload: true,
      context: (source) => (source.type === 'http' ? contextsOf(source.request.user) : undefined),
    }),
  ],
  controllers: [LoginController, OrdersController, ExportsController],
  providers: [
    { provide: APP_GUARD, useClass: ShopOpenGuard },
    TokensService,
    ShippingService,
    ExportQueue,
    ExportWriter,
    ReadLogService,
  ],
})
export class AppModule {}
