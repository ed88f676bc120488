import { Controller, Get } from '@nestjs/common';
import { ConfigValue, RequireFlag } from 'nestjs-quonfig';
import type { Offer } from './offer.js';
import { OffersService } from './offers.service.js';

/** HTTP. */
@Controller('offers')
export class OffersController {
  constructor(private readonly offers: OffersService) {}

  @Get()
  list(@ConfigValue('offers.limit', 2) limit: number): Offer[] {
    return this.offers.list(limit);
  }

  @Get('early')
  @RequireFlag('offers.early')
  early(): Offer[] {
    return this.offers.early();
  }
}
