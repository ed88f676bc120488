import { Injectable } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';

/** Reads without passing contexts: those of the current request apply. */
@Injectable()
export class ShippingService {
  constructor(private readonly quonfig: QuonfigService) {}

  cost(): number {
    return this.quonfig.getNumber('shipping.cost');
  }
}
