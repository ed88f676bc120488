import {
  isJsonObject,
  type JsonObject,
  objectsIn,
  ruleListsOf,
} from '../workspace/document-parts.js';

/** A rule that a read can come to. */
export interface ReachableRule {
  readonly list: 'environment' | 'default';
  /** Position in its list, from 0. */
  readonly ruleIndex: number;
  readonly rule: JsonObject;
  /** Equal for rules that do the same. */
  readonly identity: string;
  /** Whether it has no criteria, so that no later rule is reached. */
  readonly always: boolean;
}

/**
 * The rules that a read of a config tries in one environment, in order. Those after one without criteria are never reached.
 *
 * @param environment `undefined` for the default rules alone, as segments are evaluated
 */
export function reachableRules(
  document: JsonObject,
  environment: string | undefined,
): ReachableRule[] {
  const lists = ruleListsOf(document);
  const own =
    environment === undefined ? undefined : lists.find((list) => list.environment === environment);
  const defaults = lists.find((list) => list.environment === undefined);
  const reachable: ReachableRule[] = [];
  for (const list of [own, defaults]) {
    for (const [ruleIndex, { part: rule }] of (list?.rules ?? []).entries()) {
      const always = criteriaOfRule(rule).every(({ operator }) => operator === 'ALWAYS_TRUE');
      const identity = canonical({ criteria: criteriaOfRule(rule), value: rule['value'], always });
      const name = list === own ? 'environment' : 'default';
      reachable.push({ list: name, ruleIndex, rule, identity, always });
      if (always) return reachable;
    }
  }
  return reachable;
}

export function criteriaOfRule(rule: JsonObject): JsonObject[] {
  return objectsIn(rule['criteria'], []).map(({ part }) => part);
}

/** JSON with sorted names, so that equal values have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    isJsonObject(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}
