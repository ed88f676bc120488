import { Controller, Param, ParseIntPipe, Post } from '@nestjs/common';
import { CartService } from './cart.service.js';

@Controller('cart')
export class CartController {
  constructor(private readonly cart: CartService) {}

  @Post(':fruit/:count')
  add(
    @Param('fruit') fruit: string,
    @Param('count', ParseIntPipe) count: number,
  ): Promise<{ price: number }> {
    return this.cart.add(fruit, count);
  }
}
