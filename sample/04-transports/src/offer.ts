import { Field, ObjectType } from '@nestjs/graphql';

/** An offer as it is stored. */
export interface StoredOffer {
  title: string;
  euros: number;
}

/** A JSON config. The rate is for one euro. */
export interface Currency {
  code: string;
  rate: number;
}

/** An offer as whoever is asking sees it. */
@ObjectType()
export class Offer {
  @Field()
  title!: string;

  @Field()
  price!: string;
}

export function priceIn({ code, rate }: Currency, { euros }: StoredOffer): string {
  return `${euros * rate} ${code}`;
}
