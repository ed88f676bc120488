import type { ContextProperties } from '../model/index.js';
import { textWithin } from './bounded-text.js';

/** What one example may hold at most; lengths in characters. */
const MAX_TEXT = 1_024;
const MAX_NAME = 256;
const MAX_ELEMENTS = 100;
const MAX_PROPERTIES = 100;

/** A context as JSON text: a copy, bounded in every direction. What JSON cannot say is left out. */
export function contextJson(name: string, properties: ContextProperties): string {
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let count = 0;
  for (const property in properties) {
    if (count >= MAX_PROPERTIES) break;
    if (!Object.hasOwn(properties, property)) continue;
    const value = valueAt(properties, property);
    if (value === undefined) continue;
    values[textWithin(MAX_NAME, property)] = value;
    count++;
  }
  return JSON.stringify({ type: textWithin(MAX_NAME, name), values });
}

function valueAt(properties: ContextProperties, property: string): unknown {
  try {
    const value = properties[property];
    if (Array.isArray(value)) {
      return value.slice(0, MAX_ELEMENTS).map((element) => scalar(element) ?? null);
    }
    return scalar(value);
  } catch {
    return undefined;
  }
}

/** Objects have no form here: how large they are is not known before they have been walked. */
function scalar(value: unknown): string | number | boolean | null | undefined {
  switch (typeof value) {
    case 'string':
      return textWithin(MAX_TEXT, value);
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return value;
    case 'bigint':
      // Its text is as long as it is large; no number that means something is.
      return BigInt.asIntN(1_024, value) === value ? value.toString() : undefined;
    default:
      if (value === null) return null;
      return value instanceof Date && !Number.isNaN(value.getTime())
        ? value.toISOString()
        : undefined;
  }
}
