import type { Readable } from 'node:stream';
import {
  Context,
  Field,
  ObjectType,
  Parent,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import type { PubSub } from 'mercurius';
import { ConfigValue, RequireFlag } from 'nestjs-quonfig';
import { type Currency, priceIn, type StoredOffer } from './offer.js';

/** The topic of announced offers. */
export const ANNOUNCED = 'announced';

@ObjectType()
class Announcement {
  @Field()
  title!: string;
}

/** GraphQL subscriptions: each event is resolved once per subscriber, with the contexts of that subscriber. */
@Resolver(() => Announcement)
export class AnnouncementsResolver {
  @Subscription(() => Announcement, { resolve: (offer: StoredOffer) => offer })
  announced(@Context('pubsub') pubsub: PubSub): Promise<Readable> {
    return pubsub.subscribe(ANNOUNCED);
  }

  @Subscription(() => Announcement, { resolve: (offer: StoredOffer) => offer })
  @RequireFlag('offers.early')
  announcedEarly(@Context('pubsub') pubsub: PubSub): Promise<Readable> {
    return pubsub.subscribe(ANNOUNCED);
  }

  @ResolveField(() => String)
  price(@Parent() offer: StoredOffer, @ConfigValue('offers.currency') currency: Currency): string {
    return priceIn(currency, offer);
  }
}
