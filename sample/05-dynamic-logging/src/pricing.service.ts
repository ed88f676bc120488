import { Injectable, Logger } from '@nestjs/common';

const PRICES: Readonly<Record<string, number>> = { apple: 30, pear: 45 };

@Injectable()
export class PricingService {
  private readonly logger = new Logger(PricingService.name);

  priceOf(fruit: string, count: number): number {
    const single = PRICES[fruit] ?? 0;
    const price = count * single;
    // A function is called only if the message is written.
    this.logger.debug(() => `${count} × ${fruit} at ${single} is ${price}`);
    return price;
  }
}
