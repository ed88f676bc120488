import { Module } from '@nestjs/common';
import { CatalogController } from './catalog.controller.js';
import { FlagLogService } from './flag-log.service.js';
import { FlagsModule } from './flags.module.js';
import { PricesController } from './prices.controller.js';

@Module({
  imports: [FlagsModule],
  controllers: [CatalogController, PricesController],
  providers: [FlagLogService],
})
export class AppModule {}
