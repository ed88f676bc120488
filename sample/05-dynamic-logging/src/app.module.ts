import { Module } from '@nestjs/common';
import { QuonfigModule } from 'nestjs-quonfig';
import { CartController } from './cart.controller.js';
import { CartService } from './cart.service.js';
import { PricingService } from './pricing.service.js';
import { workspace } from './workspace.js';

@Module({
  imports: [
    QuonfigModule.forRoot({
      ...workspace,
      dataDirAutoReload: true,
      loggerKey: 'log-level.shop',
      // The header stands for authentication.
      context: (source) =>
        source.type === 'http' ? { user: { key: source.request.headers['x-user'] } } : undefined,
    }),
  ],
  controllers: [CartController],
  providers: [CartService, PricingService],
})
export class AppModule {}
