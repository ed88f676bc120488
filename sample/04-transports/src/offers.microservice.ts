import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { ConfigValue, RequireFlag } from 'nestjs-quonfig';
import type { Offer } from './offer.js';
import { OffersService } from './offers.service.js';

/** Messages over TCP. */
@Controller()
export class OffersMicroservice {
  constructor(private readonly offers: OffersService) {}

  @MessagePattern('offers')
  list(@ConfigValue('offers.limit', 2) limit: number): Offer[] {
    return this.offers.list(limit);
  }

  @MessagePattern('offers.early')
  @RequireFlag('offers.early')
  early(): Offer[] {
    return this.offers.early();
  }
}
