import { MAX_VALUE_CHARACTERS, MAX_LIST_CHARACTERS } from '../bounds.js';
import type { Outcome } from '../../evaluation/index.js';
import { textWithin } from '../bounded-text.js';
import type { JsonObject } from '../../model/index.js';

/** An element counts as so many characters more, so that a list of empty texts has an end, too. */
const BESIDE_TEXT = 3;

/** A value under the name of its declared type; JSON as its text, and a confidential one as its redaction. */
export function selectedValue(outcome: Outcome, value: unknown): Record<string, unknown> {
  const { redaction } = outcome;
  if (redaction !== undefined) return { string: redaction };
  const { valueType } = outcome.config;
  if (valueType === 'json') return { string: jsonWithin(MAX_VALUE_CHARACTERS, value) };
  switch (typeof value) {
    case 'boolean':
      return { bool: value };
    case 'number':
      if (valueType === 'double' || !Number.isInteger(value)) return { double: value };
      return { int: value };
    case 'string':
      return { string: textWithin(MAX_VALUE_CHARACTERS, value) };
    default:
      if (!Array.isArray(value)) return { string: jsonWithin(MAX_VALUE_CHARACTERS, value) };
      return { stringList: elementsOf(value) };
  }
}

/** The first elements, as many as there is room for. */
function elementsOf(list: readonly unknown[]): string[] {
  const elements: string[] = [];
  let left = MAX_LIST_CHARACTERS;
  for (const element of list) {
    const text = textWithin(MAX_VALUE_CHARACTERS, String(element));
    left -= text.length + BESIDE_TEXT;
    if (left < 0) break;
    elements.push(text);
  }
  return elements;
}

/** The beginning of a value's JSON text. However large the value is, no more is written than is wanted. */
function jsonWithin(maxLength: number, value: unknown): string {
  const pieces: string[] = [];
  let left = maxLength;
  const write = (piece: string): void => {
    pieces.push(piece);
    left -= piece.length;
  };
  const writeValue = (each: unknown): void => {
    if (Array.isArray(each)) {
      write('[');
      for (const [index, element] of each.entries()) {
        if (left <= 0) return;
        if (index > 0) write(',');
        writeValue(element);
      }
      write(']');
    } else if (typeof each === 'object' && each !== null) {
      write('{');
      let separator = '';
      for (const name in each) {
        if (left <= 0) return;
        if (!Object.hasOwn(each, name)) continue;
        write(`${separator}${textJson(name)}:`);
        separator = ',';
        writeValue((each as JsonObject)[name]);
      }
      write('}');
    } else {
      write(typeof each === 'string' ? textJson(each) : (JSON.stringify(each) ?? 'null'));
    }
  };
  const textJson = (text: string): string => JSON.stringify(text.slice(0, Math.max(left, 0)));
  writeValue(value);
  return textWithin(maxLength, pieces.join(''));
}
