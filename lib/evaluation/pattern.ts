import { RE2JS } from 're2js';

/** Whether a text contains a match of the pattern. */
export type PatternTest = (text: string) => boolean;

/**
 * Longer text matches nothing and is told apart from nothing: the engine is linear, but a request must not pay for a
 * megabyte that somebody put into a header.
 */
export const MAX_PATTERN_INPUT = 65_536;

/**
 * Compiles a pattern to an unanchored, case-sensitive search in time linear in the text, whatever the pattern: RE2
 * syntax, and JavaScript's `\uXXXX`, `\cX` and `(?<name>…)` besides. `undefined` when the pattern is invalid or needs what no
 * linear engine has (backreferences, look-around).
 */
export function compilePattern(pattern: string): PatternTest | undefined {
  if (hasUnknownEscape(pattern)) return undefined;
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return (text) => compiled.test(text);
  } catch {
    return undefined;
  }
}

/** The letters that mean something behind a backslash. */
const ESCAPES = new Set('abcdfnprstuvwxzABCDEPQSW');

/** The translation would take an unknown escape for the letter alone, and the pattern for another. */
function hasUnknownEscape(pattern: string): boolean {
  for (const [, escaped] of pattern.matchAll(/\\([a-zA-Z])|\\[^]/g)) {
    if (escaped !== undefined && !ESCAPES.has(escaped)) return true;
  }
  return false;
}
