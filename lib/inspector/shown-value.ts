import type { Config, Criterion, StoredValue } from '../index.js';

/** A value as the page shows it: its JSON, cut to a bounded length, or why it is hidden. */
export type ShownValue =
  | { readonly text: string }
  | { readonly hidden: 'confidential' | 'encryption key' }
  | { readonly hidden: 'environment variable'; readonly variable: string };

/** One entry of a weighted value. */
export interface WeightedEntry {
  readonly weight: number;
  readonly value: StoredValue;
}

/** What every key that decrypts looks like, also one that no config needs yet. */
const ENCRYPTION_KEY = /^[0-9a-f]{64}$/i;
const MAX_TEXT = 4_000;

/** The JSON of a value. Long ones are cut: the page is no place to read a document. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/**
 * What may be shown of a stored value.
 *
 * @param decrypts whether the value is the key that decrypts others
 */
export function shownStored(value: StoredValue | undefined, decrypts = false): ShownValue {
  const hidden = hiddenOf(value, decrypts);
  if (hidden !== undefined) return hidden;
  return { text: jsonText(value?.value) };
}

/** Why a value is hidden; `undefined` if it may be shown. */
export function hiddenOf(
  value: StoredValue | undefined,
  decrypts: boolean,
): ShownValue | undefined {
  // A value that should be encrypted but names its key only may be a secret, too.
  if (value?.confidential === true || value?.decryptWith !== undefined) {
    return { hidden: 'confidential' };
  }
  if (value?.type === 'provided') {
    return { hidden: 'environment variable', variable: variableOf(value) };
  }
  const isKey = decrypts || (typeof value?.value === 'string' && ENCRYPTION_KEY.test(value.value));
  return isKey ? { hidden: 'encryption key' } : undefined;
}

/** The entries of a weighted value; `undefined` for other values. What hides the whole hides each of them. */
export function weightedEntries(value: StoredValue | undefined): WeightedEntry[] | undefined {
  if (value?.type !== 'weighted_values') return undefined;
  const { weightedValues } = objectOf(value.value);
  if (!Array.isArray(weightedValues)) return [];
  const isHidden = hiddenOf(value, false) !== undefined;
  return weightedValues.map((entry) => {
    const { weight, value: stored } = objectOf(entry);
    return { weight: Number(weight), value: variantOf(objectOf(stored), isHidden) };
  });
}

function variantOf(stored: Record<string, unknown>, isHidden: boolean): StoredValue {
  // No read returns a variant that is weighted itself, but its own variants may be secrets.
  const hides = isHidden || stored['type'] === 'weighted_values';
  return (hides ? { ...stored, confidential: true } : stored) as unknown as StoredValue;
}

/** The property that a weighted value is split by; `undefined` if the pick is random. */
export function splitProperty(value: StoredValue | undefined): string | undefined {
  const { hashByPropertyName } = objectOf(value?.value);
  return typeof hashByPropertyName === 'string' && hashByPropertyName !== ''
    ? hashByPropertyName
    : undefined;
}

/** A rule with the parts that a config may lack. */
export interface CompleteRule {
  readonly criteria: readonly Criterion[];
  readonly value: StoredValue | undefined;
}

/** The rules of one list, however incomplete the config is. */
export function rulesOf(
  config: Config | undefined,
  list: 'environment' | 'default',
): CompleteRule[] {
  const rules: unknown = config?.[list]?.rules;
  return Array.isArray(rules) ? rules.map(completeRule) : [];
}

/** The rules of both lists, in order of precedence. */
export function allRulesOf(config: Config | undefined): CompleteRule[] {
  return [...rulesOf(config, 'environment'), ...rulesOf(config, 'default')];
}

function completeRule(rule: unknown): CompleteRule {
  const { criteria, value } = objectOf(rule);
  return {
    criteria: Array.isArray(criteria)
      ? criteria.map((one) => objectOf(one) as unknown as Criterion)
      : [],
    value: typeof value === 'object' && value !== null ? (value as StoredValue) : undefined,
  };
}

/** Every value that a config can have, variants included. */
export function* storedValues(config: Config | undefined): Generator<StoredValue> {
  for (const { value } of allRulesOf(config)) {
    if (value === undefined) continue;
    yield value;
    for (const entry of weightedEntries(value) ?? []) yield entry.value;
  }
}

export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function variableOf(value: StoredValue): string {
  const { lookup } = objectOf(value.value);
  return typeof lookup === 'string' ? lookup : '';
}
