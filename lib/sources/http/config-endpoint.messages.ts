export const tookTooLong = (limitMs: number): string => `it took longer than ${limitMs} ms`;

export const redirectedAway = (origin: string | undefined): string =>
  `it redirects to ${origin ?? 'no readable address'}, which is not followed, since the key would go along. If that is one of Quonfig's or yours, set it as the address`;

export const redirectedTooOften = (): string => 'it redirects again and again';

export const unchangedSinceNothing = (): string =>
  'it says "not changed", but it was asked for everything';

export const bodyNotJson = (): string => 'it is not JSON in UTF-8, or not all of it';
