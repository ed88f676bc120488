import { Args, Context, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { PubSub } from 'mercurius';
import { ConfigValue, RequireFlag } from 'nestjs-quonfig';
import { ANNOUNCED } from './announcements.resolver.js';
import { Offer } from './offer.js';
import { OffersService } from './offers.service.js';

/** GraphQL over HTTP. */
@Resolver(() => Offer)
export class OffersResolver {
  constructor(private readonly offers: OffersService) {}

  @Query(() => [Offer], { name: 'offers' })
  list(@ConfigValue('offers.limit', 2) limit: number): Offer[] {
    return this.offers.list(limit);
  }

  @Query(() => [Offer], { name: 'earlyOffers' })
  @RequireFlag('offers.early')
  early(): Offer[] {
    return this.offers.early();
  }

  /** Sends an offer to all subscribers. */
  @Mutation(() => Offer, { name: 'announce' })
  announce(
    @Args('title') title: string,
    @Args('euros', { type: () => Int }) euros: number,
    @Context('pubsub') pubsub: PubSub,
  ): Offer {
    const offer = { title, euros };
    pubsub.publish({ topic: ANNOUNCED, payload: offer });
    return this.offers.priced(offer);
  }
}
