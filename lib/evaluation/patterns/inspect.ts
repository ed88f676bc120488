import type { Criterion } from '../../model/index.js';
import { parsePattern } from './parse.js';
import { compilePattern, PLAIN_LENGTH } from './pattern.js';
import { nodesOf, type PatternNode, UnusablePattern } from './syntax.js';

/**
 * Which engine runs a pattern, or why none does.
 *
 * @publicApi
 */
export interface PatternTrace {
  /**
   * `linear` takes time linear in the string, `RegExp` is the platform's engine. With `none`, the criterion never
   * matches.
   */
  engine: 'linear' | 'RegExp' | 'none';
  /** Longest string that is searched, in UTF-16 code units; absent with `none`. */
  maxLength?: number;
  /** Why no engine runs the pattern; only with `none`. */
  problem?: string;
}

/** Returns the pattern of a criterion; `undefined` for other operators and unusable match values. */
export function patternOf({ operator, valueToMatch }: Criterion): string | undefined {
  if (operator !== 'PROP_MATCHES' && operator !== 'PROP_DOES_NOT_MATCH') return undefined;
  const match = valueToMatch?.value;
  return typeof match === 'string' ? match : undefined;
}

/**
 * Returns which engine runs a pattern of a rule, and how long a string it searches.
 *
 * @param pattern the pattern, as a criterion has it
 * @returns engine and limit, or why no engine runs the pattern
 * @example
 * ```ts
 * traceOfPattern('^(a+)+$').engine; // 'linear'
 * ```
 *
 * @publicApi
 */
export function traceOfPattern(pattern: string): PatternTrace {
  const compiled = compilePattern(pattern);
  if (compiled.engine === 'none') return { engine: 'none', problem: compiled.problem };
  return { engine: compiled.engine, maxLength: compiled.maxLength };
}

/** Why a pattern is not searched for at all. */
export function patternReason(
  pattern: PatternTrace | undefined,
  seen: unknown,
): string | undefined {
  if (pattern?.engine === 'none') return 'no engine runs the pattern';
  const { maxLength = Infinity } = pattern ?? {};
  return typeof seen === 'string' && seen.length > maxLength
    ? 'the string is longer than the pattern may search'
    : undefined;
}

/**
 * The verdict on a pattern that does not simply run on the linear engine. A pattern made of nothing unusual does: it is
 * parsed, not compiled, which takes a tenth of the time.
 */
export function unusualVerdictOn(pattern: string): PatternTrace | undefined {
  if (isUsual(pattern)) return undefined;
  const verdict = traceOfPattern(pattern);
  const { engine, maxLength = 0 } = verdict;
  return engine === 'linear' && maxLength >= PLAIN_LENGTH ? undefined : verdict;
}

/** The linear engine refuses large bounds, multiplied where they are nested. */
const SMALL_BOUND = 10;

function isUsual(pattern: string): boolean {
  try {
    for (const node of nodesOf(parsePattern(pattern))) if (isUnusual(node)) return false;
    return true;
  } catch (error) {
    if (error instanceof UnusablePattern) return false;
    throw error;
  }
}

function isUnusual(node: PatternNode): boolean {
  switch (node.kind) {
    case 'look':
    case 'reference':
      return true;
    case 'repeat':
      return node.min > SMALL_BOUND || (node.max !== Infinity && node.max > SMALL_BOUND);
    case 'set':
      return node.items.some((item) => typeof item === 'object' && 'property' in item);
    default:
      return false;
  }
}
