import { isIntegerText, parseNumber } from '../model/index.js';
import { parseDate } from './date.js';
import { compilePattern } from './patterns/pattern.js';
import { compareVersions, parseVersion } from './semver.js';
import { stringList, stringOf } from './string-form.js';

/** Returns whether a property's value satisfies a criterion; a missing property has the value `undefined`. */
export type Check = (value: unknown) => boolean;

/** Creates the check of an operator for a match value; an unusable match value results in `never`. */
type CheckFactory = (match: unknown) => Check;

/** The check of an unusable match value. */
export const never: Check = () => false;

function not(positive: CheckFactory): CheckFactory {
  return (match) => {
    const check = positive(match);
    return (value) => !check(value);
  };
}

/** Up to this many elements, comparing one by one is faster than a hash lookup. */
const SMALL_LIST = 4;

const isOneOf: CheckFactory = (match) => {
  const list = stringList(match);
  if (list === undefined || list.length === 0) return never;
  const set = new Set(list);
  const has = (string: string) => set.has(string);
  const ofOther = (value: unknown) =>
    Array.isArray(value)
      ? value.some((element) => stringSatisfies(element, has))
      : stringSatisfies(value, has);
  if (list.length > SMALL_LIST) {
    return (value) => (typeof value === 'string' ? set.has(value) : ofOther(value));
  }
  return (value) => {
    if (typeof value !== 'string') return ofOther(value);
    for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
    return false;
  };
};

function stringSatisfies(value: unknown, test: (string: string) => boolean): boolean {
  const string = stringOf(value);
  return string !== undefined && test(string);
}

/** Used for an empty string in a list, which matches every present value, even one without a string form. */
function isPresentValue(value: unknown): boolean {
  return value !== undefined && value !== null;
}

// The next three repeat their loop on purpose: one shared loop that calls a comparison is a quarter slower.
const startsWithOneOf: CheckFactory = (match) => {
  const list = stringList(match) ?? [];
  const empty = list.includes('');
  return (value) => {
    const string = typeof value === 'string' ? value : stringOf(value);
    if (string === undefined) return empty && isPresentValue(value);
    for (let i = 0; i < list.length; i++) if (string.startsWith(list[i]!)) return true;
    return false;
  };
};

const endsWithOneOf: CheckFactory = (match) => {
  const list = stringList(match) ?? [];
  const firsts = list.map((element) => element.charCodeAt(0));
  const empty = list.includes('');
  return (value) => {
    const string = typeof value === 'string' ? value : stringOf(value);
    if (string === undefined) return empty && isPresentValue(value);
    for (let i = 0; i < list.length; i++) {
      // Compare one character first: it decides most cases and is cheaper than the call.
      const at = string.length - list[i]!.length;
      if (string.charCodeAt(at) === firsts[i] && string.endsWith(list[i]!)) return true;
    }
    return empty;
  };
};

const containsOneOf: CheckFactory = (match) => {
  const list = stringList(match) ?? [];
  const empty = list.includes('');
  return (value) => {
    const string = typeof value === 'string' ? value : stringOf(value);
    if (string === undefined) return empty && isPresentValue(value);
    for (let i = 0; i < list.length; i++) if (string.includes(list[i]!)) return true;
    return false;
  };
};

const hierarchicalMatch: CheckFactory = (match) => {
  const prefix = stringOf(match);
  return prefix === undefined
    ? never
    : (value) => stringSatisfies(value, (string) => string.startsWith(prefix));
};

function pattern(expected: boolean): CheckFactory {
  return (match) => {
    if (typeof match !== 'string') return never;
    const compiled = compilePattern(match);
    if (compiled.engine === 'none') return never;
    const { maxLength, test } = compiled;
    return (value) =>
      typeof value === 'string' && value.length <= maxLength && test(value) === expected;
  };
}

/**
 * Accepts numbers and numeric strings, but no booleans, lists or blank strings. An integer string that a number cannot
 * represent exactly becomes a bigint: JavaScript compares numbers and bigints exactly.
 */
function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' ? parseNumber(value) : undefined;
  if (number === undefined || Number.isSafeInteger(number)) return number;
  return isIntegerText(value as string) ? BigInt(value as string) : number;
}

const inIntRange: CheckFactory = (match) => {
  if (typeof match !== 'object' || match === null || Array.isArray(match)) return never;
  const { start, end } = match as { start?: unknown; end?: unknown };
  // A missing end leaves the range open: it must not exclude a large value that no one meant to exclude.
  const isOpen = end === undefined || end === null;
  const from = start === undefined || start === null ? -Infinity : numberOf(start);
  const to = isOpen ? Infinity : numberOf(end);
  if (from === undefined || to === undefined) return never;
  return (value) => {
    const number = numberOf(value);
    return number !== undefined && number >= from && (isOpen || number < to);
  };
};

function compareNumber(
  satisfies: (value: number, limit: number | bigint) => boolean,
): CheckFactory {
  return (match) => {
    const limit = numberOf(match);
    if (limit === undefined) return never;
    return (value) => typeof value === 'number' && satisfies(value, limit);
  };
}

function compareDate(satisfies: (value: number, limit: number) => boolean): CheckFactory {
  return (match) => {
    const limit = parseDate(match);
    if (limit === undefined) return never;
    return (value) => {
      const date = parseDate(value);
      return date !== undefined && satisfies(date, limit);
    };
  };
}

function compareVersion(satisfies: (order: number) => boolean): CheckFactory {
  return (match) => {
    const limit = parseVersion(match);
    if (limit === undefined) return never;
    return (value) => {
      const version = parseVersion(value);
      return version !== undefined && satisfies(compareVersions(version, limit));
    };
  };
}

const isPresent: CheckFactory = () => isPresentValue;

/** The operators that test one property. */
export const PROPERTY_CHECKS: ReadonlyMap<string, CheckFactory> = new Map([
  ['PROP_IS_ONE_OF', isOneOf],
  ['PROP_IS_NOT_ONE_OF', not(isOneOf)],
  ['PROP_STARTS_WITH_ONE_OF', startsWithOneOf],
  ['PROP_DOES_NOT_START_WITH_ONE_OF', not(startsWithOneOf)],
  ['PROP_ENDS_WITH_ONE_OF', endsWithOneOf],
  ['PROP_DOES_NOT_END_WITH_ONE_OF', not(endsWithOneOf)],
  ['PROP_CONTAINS_ONE_OF', containsOneOf],
  ['PROP_DOES_NOT_CONTAIN_ONE_OF', not(containsOneOf)],
  ['PROP_MATCHES', pattern(true)],
  ['PROP_DOES_NOT_MATCH', pattern(false)],
  ['HIERARCHICAL_MATCH', hierarchicalMatch],
  ['IN_INT_RANGE', inIntRange],
  ['PROP_GREATER_THAN', compareNumber((value, limit) => value > limit)],
  ['PROP_GREATER_THAN_OR_EQUAL', compareNumber((value, limit) => value >= limit)],
  ['PROP_LESS_THAN', compareNumber((value, limit) => value < limit)],
  ['PROP_LESS_THAN_OR_EQUAL', compareNumber((value, limit) => value <= limit)],
  ['PROP_BEFORE', compareDate((value, limit) => value < limit)],
  ['PROP_AFTER', compareDate((value, limit) => value > limit)],
  ['PROP_SEMVER_LESS_THAN', compareVersion((order) => order < 0)],
  ['PROP_SEMVER_EQUAL', compareVersion((order) => order === 0)],
  ['PROP_SEMVER_GREATER_THAN', compareVersion((order) => order > 0)],
  ['IS_PRESENT', isPresent],
  ['IS_NOT_PRESENT', not(isPresent)],
]);
