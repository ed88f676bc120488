import type { Outcome } from '../evaluation/index.js';
import { jsonWithin } from './bounded-json.js';
import { textWithin } from './bounded-text.js';

/** What is told of one value at most: characters of a text, elements of a list. */
const MAX_TEXT = 1_024;
const MAX_ELEMENTS = 100;

/** A value under the name of its declared type; JSON as its text, and a confidential one as its redaction. */
export function selectedValue(outcome: Outcome, value: unknown): Record<string, unknown> {
  const { redaction } = outcome;
  if (redaction !== undefined) return { string: redaction };
  const { valueType } = outcome.config;
  if (valueType === 'json') return { string: jsonWithin(MAX_TEXT, value) };
  switch (typeof value) {
    case 'boolean':
      return { bool: value };
    case 'number':
      if (valueType === 'double' || !Number.isInteger(value)) return { double: value };
      return { int: value };
    case 'string':
      return { string: textWithin(MAX_TEXT, value) };
    default:
      if (!Array.isArray(value)) return { string: jsonWithin(MAX_TEXT, value) };
      return { stringList: elementsOf(value) };
  }
}

function elementsOf(list: readonly unknown[]): string[] {
  return list.slice(0, MAX_ELEMENTS).map((element) => textWithin(MAX_TEXT, String(element)));
}
