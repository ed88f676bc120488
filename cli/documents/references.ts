import {
  criteriaOf,
  isJsonObject,
  type JsonObject,
  valuesOf,
} from '../workspace/document-parts.js';

/** The keys that a config refers to: segments of its criteria, and the keys of its encrypted values. */
export function referencesOf(document: JsonObject): string[] {
  const segments = criteriaOf(document).flatMap(({ part }) => segmentOf(part) ?? []);
  const keys = valuesOf(document).flatMap(({ part }) => part['decryptWith'] ?? []);
  return [...segments, ...keys.map(String)];
}

/** The segment that a criterion tests; `undefined` for one that tests a property. */
export function segmentOf({ operator, valueToMatch }: JsonObject): string | undefined {
  if (operator !== 'IN_SEG' && operator !== 'NOT_IN_SEG') return undefined;
  return isJsonObject(valueToMatch) ? String(valueToMatch['value']) : undefined;
}
