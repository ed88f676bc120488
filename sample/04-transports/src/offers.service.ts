import { Injectable } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';
import { type Currency, type Offer, priceIn, type StoredOffer } from './offer.js';

const offers: readonly StoredOffer[] = [
  { title: 'coffee', euros: 4 },
  { title: 'bread', euros: 3 },
  { title: 'honey', euros: 6 },
];
const earlyOffers: readonly StoredOffer[] = [{ title: 'truffles', euros: 20 }];

/** Serves every transport, knows none, and reads without passing contexts. */
@Injectable()
export class OffersService {
  constructor(private readonly quonfig: QuonfigService) {}

  list(limit: number): Offer[] {
    return offers.slice(0, limit).map((offer) => this.priced(offer));
  }

  early(): Offer[] {
    return earlyOffers.map((offer) => this.priced(offer));
  }

  priced(offer: StoredOffer): Offer {
    const currency = this.quonfig.getJSON<Currency>('offers.currency');
    return { title: offer.title, price: priceIn(currency, offer) };
  }
}
