import { Controller, Get, UseGuards } from '@nestjs/common';
import { ConfigValue, Flag } from 'nestjs-quonfig';
import { AuthGuard } from './auth.guard.js';
import { ShippingService } from './shipping.service.js';

/** The newest first. */
const orderNumbers = [105, 104, 103, 102, 101];

export interface OrdersPage {
  orders: number[];
  express: boolean;
  shipping: number;
}

@Controller('orders')
@UseGuards(AuthGuard)
export class OrdersController {
  constructor(private readonly shipping: ShippingService) {}

  @Get()
  list(
    @ConfigValue('orders.page-size', 2) pageSize: number,
    @Flag('orders.express') express: boolean,
  ): OrdersPage {
    return { orders: orderNumbers.slice(0, pageSize), express, shipping: this.shipping.cost() };
  }
}
