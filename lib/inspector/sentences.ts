import type { Criterion } from '../index.js';
import {
  type CompleteRule,
  jsonText,
  objectOf,
  shownStored,
  type ShownValue,
  splitProperty,
  weightedEntries,
} from './shown-value.js';

/** How many elements of a list a sentence names. */
const MAX_NAMED = 12;

/** What an operator says about a property and the value it is compared with. */
const PHRASES: Readonly<Record<string, string>> = {
  PROP_IS_ONE_OF: 'is',
  PROP_IS_NOT_ONE_OF: 'is not',
  PROP_STARTS_WITH_ONE_OF: 'starts with',
  PROP_DOES_NOT_START_WITH_ONE_OF: 'does not start with',
  PROP_ENDS_WITH_ONE_OF: 'ends with',
  PROP_DOES_NOT_END_WITH_ONE_OF: 'does not end with',
  PROP_CONTAINS_ONE_OF: 'contains',
  PROP_DOES_NOT_CONTAIN_ONE_OF: 'does not contain',
  PROP_MATCHES: 'matches the pattern',
  PROP_DOES_NOT_MATCH: 'does not match the pattern',
  HIERARCHICAL_MATCH: 'is at or below',
  PROP_GREATER_THAN: 'is greater than',
  PROP_GREATER_THAN_OR_EQUAL: 'is at least',
  PROP_LESS_THAN: 'is less than',
  PROP_LESS_THAN_OR_EQUAL: 'is at most',
  PROP_BEFORE: 'is before',
  PROP_AFTER: 'is after',
  PROP_SEMVER_LESS_THAN: 'is a version below',
  PROP_SEMVER_EQUAL: 'is the version',
  PROP_SEMVER_GREATER_THAN: 'is a version above',
};

/** A criterion as a clause: `user.plan is "pro" or "team"`. */
export function clauseOf({ operator, propertyName, valueToMatch }: Criterion): string {
  const property = nameOf(propertyName);
  switch (operator) {
    case 'ALWAYS_TRUE':
      return 'always';
    case 'IS_PRESENT':
      return `${property} is present`;
    case 'IS_NOT_PRESENT':
      return `${property} is missing`;
    case 'IN_SEG':
      return `the context is in the segment ${segmentName(valueToMatch?.value)}`;
    case 'NOT_IN_SEG':
      return `the context is not in the segment ${segmentName(valueToMatch?.value)}`;
    default:
  }
  const shown = shownStored(valueToMatch);
  if (operator === 'IN_INT_RANGE' && 'text' in shown) {
    return `${property} ${rangeText(valueToMatch?.value)}`;
  }
  const phrase = Object.hasOwn(PHRASES, operator) ? PHRASES[operator] : undefined;
  if (phrase === undefined) return `never: the operator ${operator} is unknown`;
  const matched = 'text' in shown ? listText(valueToMatch?.value) : `a hidden value`;
  return `${property} ${phrase} ${matched}`;
}

/** A rule as a sentence: `If user.plan is "pro", then true.` */
export function sentenceOf(rule: CompleteRule, isLast: boolean, decrypts: boolean): string {
  const clauses = rule.criteria.filter(({ operator }) => operator !== 'ALWAYS_TRUE');
  const result = resultText(rule, decrypts);
  if (clauses.length === 0) return isLast ? `Otherwise ${result}.` : `Always ${result}.`;
  return `If ${clauses.map(clauseOf).join(' and ')}, then ${result}.`;
}

/** A shown value in a sentence. */
export function valueText(shown: ShownValue): string {
  if ('text' in shown) return shown.text;
  return 'variable' in shown
    ? `the content of the environment variable ${shown.variable}`
    : `a hidden value (${shown.hidden})`;
}

/** The share of an entry in percent, with as few digits as it needs. */
export function percent(weight: number, total: number): string {
  const share = total > 0 ? (weight / total) * 100 : 0;
  return `${Number(share.toFixed(2))}%`;
}

function resultText({ value }: CompleteRule, decrypts: boolean): string {
  const entries = weightedEntries(value);
  if (entries === undefined) return valueText(shownStored(value, decrypts));
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  const shares = entries.map(
    (entry) =>
      `${valueText(shownStored(entry.value, decrypts))} for ${percent(entry.weight, total)}`,
  );
  const by = splitProperty(value);
  return `${enumerated(shares, 'and')}, ${by === undefined ? 'picked at random' : `split by ${by}`}`;
}

function nameOf(propertyName: string | undefined): string {
  return propertyName === undefined || propertyName === ''
    ? 'a property without a name'
    : propertyName;
}

function segmentName(value: unknown): string {
  return typeof value === 'string' ? value : jsonText(value);
}

function rangeText(value: unknown): string {
  const { start, end } = objectOf(value);
  const bounds = [
    start !== undefined && `at least ${jsonText(start)}`,
    end !== undefined && `less than ${jsonText(end)}`,
  ].filter(Boolean);
  return bounds.length === 0 ? 'is an integer' : `is ${bounds.join(' and ')}`;
}

function listText(value: unknown): string {
  if (!Array.isArray(value)) return jsonText(value);
  if (value.length === 0) return 'anything in an empty list';
  const named = value.slice(0, MAX_NAMED).map(jsonText);
  const more = value.length - named.length;
  return enumerated(more > 0 ? [...named, `${more} more`] : named, 'or');
}

function enumerated(parts: readonly string[], word: 'and' | 'or'): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`;
}
