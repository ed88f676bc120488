import type { JsonObject } from '../model/index.js';
import { textWithin } from './bounded-text.js';

/** The beginning of a value's JSON text. However large the value is, no more is written than is wanted. */
export function jsonWithin(maxLength: number, value: unknown): string {
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
