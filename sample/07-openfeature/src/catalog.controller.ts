import { Controller, Get, Inject, Post } from '@nestjs/common';
import type { Client } from '@openfeature/server-sdk';
import { SHOP_FLAGS } from './flags.module.js';

@Controller()
export class CatalogController {
  constructor(@Inject(SHOP_FLAGS) private readonly flags: Client) {}

  /** Evaluates for the user of the request. */
  @Get('catalog')
  async catalog() {
    const [grid, pageSize, hold, holdMs] = await Promise.all([
      this.flags.getBooleanValue('catalog.grid', false),
      this.flags.getNumberValue('catalog.page-size', 10),
      this.flags.getStringValue('catalog.hold', 'PT1H'),
      this.flags.getNumberValue('catalog.hold', 3_600_000),
    ]);
    return { layout: grid ? 'grid' : 'list', pageSize, hold, holdMs };
  }

  @Get('details')
  async details() {
    const { value, reason, variant, flagMetadata } = await this.flags.getNumberDetails(
      'catalog.page-size',
      10,
    );
    return { value, reason, variant, set: flagMetadata.flagSetId };
  }

  @Get('missing')
  async missing() {
    const { value, reason, errorCode } = await this.flags.getStringDetails('no.such', 'default');
    return { value, reason, errorCode };
  }

  @Post('orders')
  order() {
    this.flags.track('order', {}, { value: 12.5 });
    return { ordered: true };
  }
}
