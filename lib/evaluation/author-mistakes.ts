import type { ConfigValue, Criterion } from '../model/index.js';
import { type Check, never } from './checks.js';
import {
  listElementsUnusual,
  matchElementsUnusual,
  matchNotList,
  matchUnusable,
  patternUnusable,
  valueNotList,
} from './evaluation.messages.js';
import { patternOf, traceOfPattern } from './patterns/inspect.js';
import { stringOf } from './string-form.js';

/** What each operator can compare with. Operators for lists are recognized by their name. */
const EXPECTED: ReadonlyMap<string, string> = new Map([
  ['PROP_MATCHES', 'a pattern'],
  ['PROP_DOES_NOT_MATCH', 'a pattern'],
  ['HIERARCHICAL_MATCH', 'a string'],
  ['IN_INT_RANGE', 'a range such as {"start": 18, "end": 65}'],
  ['PROP_GREATER_THAN', 'a number'],
  ['PROP_GREATER_THAN_OR_EQUAL', 'a number'],
  ['PROP_LESS_THAN', 'a number'],
  ['PROP_LESS_THAN_OR_EQUAL', 'a number'],
  ['PROP_BEFORE', 'a time such as 2026-11-01T08:30:00Z'],
  ['PROP_AFTER', 'a time such as 2026-11-01T08:30:00Z'],
  ['PROP_SEMVER_LESS_THAN', 'a version such as 1.2.3'],
  ['PROP_SEMVER_EQUAL', 'a version such as 1.2.3'],
  ['PROP_SEMVER_GREATER_THAN', 'a version such as 1.2.3'],
]);

/**
 * Returns what is wrong with the match value of a criterion, which is evaluated all the same: an unusable match value, or
 * a list with elements that are compared as JSON. A missing match value is no mistake of its form.
 *
 * @param check the criterion's compiled check
 */
export function matchProblem(criterion: Criterion, check: Check): string | undefined {
  const { operator, valueToMatch } = criterion;
  const match = valueToMatch?.value;
  if (match === undefined) return undefined;
  if (isListOperator(operator)) {
    if (!Array.isArray(match)) return matchNotList(operator.includes('_NOT_'));
    return match.every(isScalar) ? undefined : matchElementsUnusual;
  }
  if (check !== never) return undefined;
  const pattern = patternOf(criterion);
  if (pattern !== undefined) return patternUnusable(traceOfPattern(pattern).problem ?? '');
  return matchUnusable(EXPECTED.get(operator)!);
}

/** Returns what is wrong with a list of strings, which is read all the same. */
export function listProblem({ type, value }: ConfigValue): string | undefined {
  if (type !== 'string_list') return undefined;
  if (!Array.isArray(value)) return valueNotList;
  return value.every((element) => typeof element === 'string') ? undefined : listElementsUnusual;
}

function isListOperator(operator: string): boolean {
  return operator.endsWith('_ONE_OF');
}

/** Numbers and booleans are ordinary elements of a match list: property values are compared as strings, too. */
function isScalar(element: unknown): boolean {
  return !Array.isArray(element) && stringOf(element) !== undefined;
}
