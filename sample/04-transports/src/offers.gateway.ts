import { type OnGatewayConnection, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { ConfigValue, RequireFlag } from 'nestjs-quonfig';
import type { Socket } from 'socket.io';
import type { Offer } from './offer.js';
import { OffersService } from './offers.service.js';

/** Messages over socket.io. */
@WebSocketGateway()
export class OffersGateway implements OnGatewayConnection<Socket> {
  constructor(private readonly offers: OffersService) {}

  /** Runs with the contexts of the connection. */
  handleConnection(client: Socket): void {
    client.emit('offer-of-the-day', this.offers.list(1)[0]);
  }

  @SubscribeMessage('offers')
  list(@ConfigValue('offers.limit', 2) limit: number): Offer[] {
    return this.offers.list(limit);
  }

  @SubscribeMessage('offers.early')
  @RequireFlag('offers.early')
  early(): Offer[] {
    return this.offers.early();
  }
}
