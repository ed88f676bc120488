import { didYouMean } from '../errors/quoted-name.js';

export const unknownRead = (suggestion: string | undefined): string =>
  `no value was given for it.${didYouMean(suggestion)} Correct the key, give it a value, or allow unknown keys with allowUnknown`;

export const wrongTypeRead = (declared: string | undefined, wanted: string): string =>
  `its type is ${declared ?? 'unknown'}, and the read expects ${wanted}. Read it with the getter for its type, or give it a value of that type`;

export const ambiguousRead =
  'several calls of with() are active and set it differently, and this read runs outside of them, like every request over a socket. Run these tests one after the other, or give each its own service and application';
