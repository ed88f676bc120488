import { RE2JS } from 're2js';

/** Returns whether a string contains a match of the pattern. */
export type PatternTest = (string: string) => boolean;

/**
 * Longer strings never match. The engine is linear, but a request must not pay for a megabyte that a client put into a
 * header.
 */
export const MAX_PATTERN_INPUT = 65_536;

/**
 * Compiles a pattern to an unanchored, case-sensitive search that is linear in the length of the string, whatever the
 * pattern. The syntax is RE2, plus JavaScript's `\uXXXX`, `\cX` and `(?<name>…)`. Returns `undefined` if the pattern is
 * invalid or needs features that no linear engine supports (backreferences, look-around).
 */
export function compilePattern(pattern: string): PatternTest | undefined {
  if (hasUnknownEscape(pattern)) return undefined;
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return (string) => compiled.test(string);
  } catch {
    return undefined;
  }
}

/** The letters that have a meaning after a backslash. */
const ESCAPES = new Set('abcdfnprstuvwxzABCDEPQSW');

/** RE2JS would translate an unknown escape to the plain letter, which changes the pattern without an error. */
function hasUnknownEscape(pattern: string): boolean {
  for (const [, escaped] of pattern.matchAll(/\\([a-zA-Z])|\\[^]/g)) {
    if (escaped !== undefined && !ESCAPES.has(escaped)) return true;
  }
  return false;
}
