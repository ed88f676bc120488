import type { ContextProperties } from '../model/index.js';
import { MAX_ELEMENTS, MAX_PROPERTIES } from './context-limits.js';

/**
 * A copy of a context, as far as contexts are looked at, that shares nothing with it that can be changed. Objects within
 * the context are empty ones in the copy; a property that throws is left out.
 */
export function copyOfContext(properties: ContextProperties): ContextProperties {
  const entries: [string, unknown][] = [];
  let seen = 0;
  for (const property in properties) {
    if (++seen > MAX_PROPERTIES) break;
    try {
      if (Object.hasOwn(properties, property))
        entries.push([property, copyOf(properties[property])]);
    } catch {
      // As if it were absent.
    }
  }
  return Object.fromEntries(entries);
}

function copyOf(value: unknown): unknown {
  if (!Array.isArray(value)) return copyOfElement(value);
  const length = Math.min(value.length, MAX_ELEMENTS);
  return Array.from({ length }, (_, index) => copyOfElement(value[index]));
}

function copyOfElement(value: unknown): unknown {
  if (value instanceof Date) return new Date(value.getTime());
  const canChange = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return canChange ? {} : value;
}
