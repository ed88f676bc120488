import { RE2JS } from 're2js';
import { parsePattern } from './parse.js';
import { mixedCase, tooLarge, tooSlow } from './pattern.messages.js';
import { printLinear } from './print-linear.js';
import { printPlatform, referencedGroups } from './print-platform.js';
import { longestSafeLength } from './step-bound.js';
import { nodesOf, type PatternNode, UnusablePattern } from './syntax.js';
import { trimEnds } from './trim.js';

/** A pattern that an engine runs. */
export interface UsablePattern {
  /** `linear` takes time linear in the length of the string, whatever the pattern; `RegExp` is the platform's engine. */
  readonly engine: 'linear' | 'RegExp';
  /** A longer string is not searched: a request must not pay for a megabyte that somebody put into a header. */
  readonly maxLength: number;
  /** Whether a string contains a match. */
  readonly test: (string: string) => boolean;
}

/** A pattern that no engine runs, and why: a clause. */
export interface RefusedPattern {
  readonly engine: 'none';
  readonly problem: string;
}

/**
 * Compiles a pattern to an unanchored, case-sensitive search that takes a few milliseconds at most, whatever the string.
 *
 * What RE2 accepts runs on the linear engine as it is, and so does what can be translated: JavaScript's escapes,
 * look-behind, and look-ahead as look-behind on the reversed string. The rest runs on the platform's engine if a bound on
 * its backtracking is known.
 */
export function compilePattern(pattern: string): UsablePattern | RefusedPattern {
  if (!hasOtherMeaning(pattern)) {
    const plain = compileLinear(pattern, PLAIN);
    if (plain !== undefined) return plain;
  }
  try {
    const tree = parsePattern(pattern);
    return compileTranslated(tree) ?? compileOnPlatform(tree);
  } catch (error) {
    if (error instanceof UnusablePattern) return { engine: 'none', problem: error.message };
    throw error;
  }
}

const MAX_LENGTH = 65_536;

/** Strings of this length are searched for every pattern that runs as it is. */
export const PLAIN_LENGTH = 2_048;

/** How long the strings may be that the linear engine searches. */
interface LinearLimits {
  readonly flags: number;
  /** The length times the number of instructions of the compiled pattern. */
  readonly steps: number;
  /** However large the pattern, this length is searched. */
  readonly least: number;
}

const PLAIN: LinearLimits = { flags: 0, steps: 300_000, least: PLAIN_LENGTH };

/** Look-behind runs on the slowest of the linear engine's machines. */
const LOOK_BEHIND: LinearLimits = { flags: RE2JS.LOOKBEHINDS, steps: 100_000, least: 0 };

/** A pattern that must be translated is given to another engine rather than to have a shorter limit. */
const SHORTEST_LIMIT = 128;

function compileLinear(
  pattern: string,
  { flags, steps, least }: LinearLimits,
): UsablePattern | undefined {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(pattern), flags);
  } catch {
    return undefined;
  }
  const length = Math.max(least, Math.floor(steps / compiled.programSize()));
  return {
    engine: 'linear',
    maxLength: Math.min(length, MAX_LENGTH),
    test: (string) => compiled.test(string),
  };
}

/** `undefined` for a pattern that has no linear form: with backreferences, or both kinds of look-around. */
function compileTranslated(tree: PatternNode): UsablePattern | undefined {
  let ahead = false;
  let behind = false;
  for (const node of nodesOf(tree)) {
    if (node.kind === 'reference') return undefined;
    if (node.kind === 'look' && node.ahead) ahead = true;
    if (node.kind === 'look' && !node.ahead) behind = true;
  }
  if (ahead && behind) return undefined;
  const limits = ahead || behind ? LOOK_BEHIND : PLAIN;
  const linear = compileLinear(printLinear(tree, ahead), limits);
  if (linear === undefined || linear.maxLength < SHORTEST_LIMIT) return undefined;
  return ahead ? { ...linear, test: (string) => linear.test(reversed(string)) } : linear;
}

function reversed(string: string): string {
  return [...string].toReversed().join('');
}

function compileOnPlatform(whole: PatternNode): UsablePattern | RefusedPattern {
  const tree = trimEnds(whole, referencedGroups(whole));
  const expression = platformExpression(printPlatform(tree), ignoresCase(tree) ? 'iu' : 'u');
  const maxLength = longestSafeLength(tree);
  if (maxLength === undefined) return { engine: 'none', problem: tooSlow() };
  return { engine: 'RegExp', maxLength, test: (string) => expression.test(string) };
}

function platformExpression(source: string, flags: string): RegExp {
  try {
    const expression = new RegExp(source, flags);
    // The platform interprets a pattern the first time and compiles it to machine code the second time.
    expression.test('');
    expression.test('');
    return expression;
  } catch {
    throw new UnusablePattern(tooLarge());
  }
}

/** `RegExp` ignores case in the whole pattern or nowhere. */
function ignoresCase(tree: PatternNode): boolean {
  const found = new Set<boolean>();
  for (const node of nodesOf(tree)) {
    if (node.kind === 'set' || node.kind === 'reference') found.add(node.ignoreCase);
  }
  if (found.size > 1) throw new UnusablePattern(mixedCase());
  return found.has(true);
}

/** The letters that mean something behind a backslash. */
const ESCAPES = new Set('abcdfnprstuvwxzABCDEPQSW');

/**
 * The translation would take an unknown escape for the letter alone, and the two halves of a character outside the Basic
 * Multilingual Plane for two characters.
 */
function hasOtherMeaning(pattern: string): boolean {
  for (const [escape, escaped] of pattern.matchAll(SURROGATES_OR_ESCAPE)) {
    if (escaped === undefined ? escape.startsWith('\\u') : !ESCAPES.has(escaped)) return true;
  }
  return false;
}

const SURROGATES_OR_ESCAPE =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\([a-zA-Z])|\\[^]/g;
