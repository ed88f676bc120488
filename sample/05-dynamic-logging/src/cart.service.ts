import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { PricingService } from './pricing.service.js';

@Injectable()
export class CartService {
  private readonly logger = new Logger(CartService.name);

  constructor(private readonly pricing: PricingService) {}

  async add(fruit: string, count: number): Promise<{ price: number }> {
    this.logger.debug(`checking the stock of ${fruit}`);
    // Stands for a database: the request continues later, in its context.
    await delay(10);
    const price = this.pricing.priceOf(fruit, count);
    this.logger.log(`${count} × ${fruit} added`);
    return { price };
  }
}
