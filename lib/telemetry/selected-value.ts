import type { Outcome } from '../evaluation/index.js';
import { jsonWithin } from './bounded-json.js';
import { textWithin } from './bounded-text.js';

/** What is told of one value at most, in characters. */
const MAX_TEXT = 1_024;
const MAX_LIST = 4_096;
/** An element counts as so many characters more, so that a list of empty texts has an end, too. */
const BESIDE_TEXT = 3;

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

/** The first elements, as many as there is room for. */
function elementsOf(list: readonly unknown[]): string[] {
  const elements: string[] = [];
  let left = MAX_LIST;
  for (const element of list) {
    const text = textWithin(MAX_TEXT, String(element));
    left -= text.length + BESIDE_TEXT;
    if (left < 0) break;
    elements.push(text);
  }
  return elements;
}
