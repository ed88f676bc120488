import { Controller, Get, Headers, Inject } from '@nestjs/common';
import type { Client } from '@openfeature/server-sdk';
import { BILLING_FLAGS } from './flags.module.js';
import { userOf } from './users.js';

@Controller('price')
export class PricesController {
  constructor(@Inject(BILLING_FLAGS) private readonly flags: Client) {}

  /** Evaluates with an evaluation context of its own: flat, as OpenFeature has it. */
  @Get()
  async price(@Headers('x-user') name?: string) {
    const { id, plan } = userOf(name);
    const context = { targetingKey: id, 'customer.plan': plan };
    const discount = await this.flags.getNumberValue('price.discount', 0, context);
    return { price: 100 * (1 - discount) };
  }
}
