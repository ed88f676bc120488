import { printPlatformSet } from './print-platform.js';
import type { CharSet } from './syntax.js';

/** All ASCII characters, and one symbol for the rest of Unicode. */
const ASCII = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
const OTHER = ASCII.length;

/** Which symbols are in a set of characters: a bit for each. Too many is safe, too few is not. */
export type Symbols = bigint;

/** Every symbol there is. */
export const SYMBOLS: readonly Symbols[] = Array.from({ length: OTHER + 1 }, (_, symbol) =>
  bit(symbol),
);

function bit(symbol: number): Symbols {
  return 1n << BigInt(symbol);
}

/** Asks the engine that will run the set, so that its rules for case and properties apply. */
export function symbolsOf(set: CharSet): Symbols {
  const expression = new RegExp(printPlatformSet(set), set.ignoreCase ? 'giu' : 'gu');
  let symbols = mayHoldOther(set) ? bit(OTHER) : 0n;
  for (const { index } of ASCII.matchAll(expression)) symbols |= bit(index);
  // Two characters outside ASCII are a k and an s in other case.
  if (set.ignoreCase && /[ks]/i.test(charsOf(symbols))) symbols |= bit(OTHER);
  return symbols;
}

function mayHoldOther({ negated, items }: CharSet): boolean {
  return (
    negated || items.some((item) => !(typeof item === 'object' && 'to' in item && item.to < OTHER))
  );
}

function charsOf(symbols: Symbols): string {
  return [...ASCII].filter((_, code) => (symbols & bit(code)) !== 0n).join('');
}
