import {
  isJsonObject,
  type JsonObject,
  objectsIn,
  weightedValuesOf,
} from '../workspace/document-parts.js';

const MAX_VALUE = 120;

const OPERATORS: Readonly<Record<string, string>> = {
  PROP_IS_ONE_OF: 'is one of',
  PROP_IS_NOT_ONE_OF: 'is none of',
  PROP_STARTS_WITH_ONE_OF: 'starts with one of',
  PROP_DOES_NOT_START_WITH_ONE_OF: 'starts with none of',
  PROP_ENDS_WITH_ONE_OF: 'ends with one of',
  PROP_DOES_NOT_END_WITH_ONE_OF: 'ends with none of',
  PROP_CONTAINS_ONE_OF: 'contains one of',
  PROP_DOES_NOT_CONTAIN_ONE_OF: 'contains none of',
  PROP_MATCHES: 'matches',
  PROP_DOES_NOT_MATCH: 'does not match',
  HIERARCHICAL_MATCH: 'starts with',
  IN_INT_RANGE: 'is in the range',
  PROP_GREATER_THAN: '>',
  PROP_GREATER_THAN_OR_EQUAL: '>=',
  PROP_LESS_THAN: '<',
  PROP_LESS_THAN_OR_EQUAL: '<=',
  PROP_BEFORE: 'is before',
  PROP_AFTER: 'is after',
  PROP_SEMVER_LESS_THAN: 'is a version below',
  PROP_SEMVER_EQUAL: 'is the version',
  PROP_SEMVER_GREATER_THAN: 'is a version above',
  IS_PRESENT: 'is present',
  IS_NOT_PRESENT: 'is not present',
};

/** A rule as a sentence: `if user.plan is one of "pro": "PT1M"`. Confidential values are not shown. */
export function ruleText(rule: JsonObject): string {
  const criteria = objectsIn(rule['criteria'], [])
    .map(({ part }) => criterionText(part))
    .filter((text) => text !== '');
  const value = valueText(rule['value']);
  return criteria.length === 0 ? value : `if ${criteria.join(' and ')}: ${value}`;
}

function criterionText({ operator, propertyName, valueToMatch }: JsonObject): string {
  if (operator === 'ALWAYS_TRUE') return '';
  const value = isJsonObject(valueToMatch) ? valueToMatch['value'] : undefined;
  if (operator === 'IN_SEG') return `in the segment ${String(value)}`;
  if (operator === 'NOT_IN_SEG') return `not in the segment ${String(value)}`;
  const words = OPERATORS[String(operator)] ?? String(operator);
  const shown = value === undefined ? '' : ` ${operandText(value)}`;
  const property = typeof propertyName === 'string' ? propertyName : '';
  return `${property} ${words}${shown}`.trim();
}

function operandText(value: unknown): string {
  if (Array.isArray(value)) return cut(value.map((each) => JSON.stringify(each)).join(', '));
  if (isJsonObject(value) && ('start' in value || 'end' in value)) {
    return `${endText(value['start'])} to ${endText(value['end'])}`;
  }
  return cut(JSON.stringify(value) ?? 'undefined');
}

const endText = (end: unknown): string => (end === undefined ? '…' : JSON.stringify(end));

function valueText(value: unknown): string {
  if (!isJsonObject(value)) return 'no value';
  const weighted = weightedValuesOf({ part: value, at: [] });
  if (weighted !== undefined)
    return weightedText(
      value['value'],
      weighted.map(({ part }) => part),
    );
  if (value['confidential'] === true || value['decryptWith'] !== undefined) return '*****';
  if (value['type'] === 'provided' && isJsonObject(value['value'])) {
    return `the environment variable ${String(value['value']['lookup'])}`;
  }
  return cut(JSON.stringify(value['value']) ?? 'no value');
}

function weightedText(split: unknown, variants: readonly JsonObject[]): string {
  const weights = variants.map(({ weight }) => (typeof weight === 'number' ? weight : 0));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const parts = variants.map(({ value }, index) => {
    const share = sum > 0 ? (weights[index]! / sum) * 100 : 0;
    return `${Number(share.toFixed(3))}% ${valueText(value)}`;
  });
  const by = isJsonObject(split) ? split['hashByPropertyName'] : undefined;
  return `${parts.join(', ')}, ${typeof by === 'string' && by !== '' ? `by ${by}` : 'at random'}`;
}

const cut = (text: string): string =>
  text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
