import type { JsonPath } from './json-path.js';

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A part of a document with its place. */
export interface Part<T = JsonObject> {
  readonly part: T;
  readonly at: JsonPath;
}

/** The rules of one environment, or the default rules. */
export interface RuleList {
  /** Id of the environment; `undefined` for the default rules. */
  readonly environment: unknown;
  readonly rules: readonly Part[];
  readonly at: JsonPath;
}

/** Returns the rule lists of a document. Malformed parts are left out, here and below. */
export const ruleListsOf = oncePerDocument((document): RuleList[] => {
  const lists: RuleList[] = [];
  const add = (holder: unknown, environment: unknown, at: JsonPath): void => {
    if (!isJsonObject(holder) || !Array.isArray(holder['rules'])) return;
    const path = [...at, 'rules'];
    lists.push({ environment, rules: objectsIn(holder['rules'], path), at: path });
  };
  for (const { part, at } of objectsIn(document['environments'], ['environments'])) {
    add(part, part['id'], at);
  }
  add(document['default'], undefined, ['default']);
  return lists;
});

/** Returns the objects of a list, with their places. */
export function objectsIn(list: unknown, at: JsonPath): Part[] {
  const parts: Part[] = [];
  if (!Array.isArray(list)) return parts;
  for (let index = 0; index < list.length; index++) {
    const part: unknown = list[index];
    if (isJsonObject(part)) parts.push({ part, at: [...at, index] });
  }
  return parts;
}

/** Several checks look at the same parts, of thousands of documents. */
function oncePerDocument<T>(compute: (document: JsonObject) => T): (document: JsonObject) => T {
  const known = new WeakMap<JsonObject, T>();
  return (document) => {
    let parts = known.get(document);
    if (parts === undefined) known.set(document, (parts = compute(document)));
    return parts;
  };
}

/** Returns all criteria of a document. */
export const criteriaOf = oncePerDocument((document): Part[] =>
  ruleListsOf(document).flatMap(({ rules }) =>
    rules.flatMap(({ part, at }) => objectsIn(part['criteria'], [...at, 'criteria'])),
  ),
);

/** Returns the value of each rule, weighted ones included. */
export const ruleValuesOf = oncePerDocument((document): Part[] =>
  ruleListsOf(document).flatMap(({ rules }) =>
    rules.flatMap(({ part, at }) =>
      isJsonObject(part['value']) ? [{ part: part['value'], at: [...at, 'value'] }] : [],
    ),
  ),
);

/** Returns every value that a read can return: those of rules, and the variants of weighted ones. */
export const valuesOf = oncePerDocument((document): Part[] =>
  ruleValuesOf(document).flatMap((value) => {
    const weighted = weightedValuesOf(value);
    return weighted === undefined
      ? [value]
      : weighted.flatMap(({ part, at }) =>
          isJsonObject(part['value']) ? [{ part: part['value'], at: [...at, 'value'] }] : [],
        );
  }),
);

/** Returns the weighted variants of a value; `undefined` if it is not weighted. */
export function weightedValuesOf({ part, at }: Part): Part[] | undefined {
  if (part['type'] !== 'weighted_values') return undefined;
  const weighted = isJsonObject(part['value']) ? part['value']['weightedValues'] : undefined;
  return objectsIn(weighted, [...at, 'value', 'weightedValues']);
}

/** Returns the declared variants of a document. */
export function variantsOf(document: JsonObject): Part[] {
  return objectsIn(document['variants'], ['variants']).flatMap(({ part, at }) =>
    isJsonObject(part['value']) ? [{ part: part['value'], at: [...at, 'value'] }] : [],
  );
}
