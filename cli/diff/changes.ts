import { referencesOf, segmentOf } from '../documents/references.js';
import { diffLines } from '../text/line-diff.js';
import { isJsonObject, type JsonObject } from '../workspace/document-parts.js';
import { criteriaOfRule, reachableRules, type ReachableRule } from './reachable-rules.js';
import { ruleText } from './rule-text.js';

/** One side of a comparison: documents by key, and the environment whose rules apply. */
export interface Side {
  readonly documents: ReadonlyMap<string, JsonObject>;
  readonly environment: string;
}

export type ChangeKind = 'added' | 'removed' | 'changed' | 'affected';

/** How the answer to reads of one key can differ. */
export interface KeyChange {
  readonly key: string;
  readonly type: string;
  /** `affected`: its own rules are the same, but a config that they refer to has changed. */
  readonly change: ChangeKind;
  /** Rules that only one side has, in the order of their lists. */
  readonly rules: readonly RuleChange[];
  /** The type of values on each side, if it differs. */
  readonly valueTypes?: readonly [string, string];
  /** The properties that these rules read, sorted: only contexts that have them, or lack them, can get another answer. */
  readonly properties: readonly string[];
  /** Whether a rule without criteria is among them: then contexts without these properties can get another answer, too. */
  readonly everyContext: boolean;
  /** Whether rules that are the same on both sides come before that rule: contexts that they match get the same answer. */
  readonly afterEarlierRules: boolean;
  /** The changed configs that it refers to, directly or not. */
  readonly through: readonly string[];
}

export interface RuleChange {
  readonly sign: '-' | '+';
  readonly list: ReachableRule['list'];
  readonly ruleIndex: number;
  readonly text: string;
}

/** All keys whose reads can have another answer on the other side, sorted. */
export function changesBetween(before: Side, after: Side): KeyChange[] {
  const keys = new Set([...before.documents.keys(), ...after.documents.keys()]);
  const changes = new Map<string, KeyChange>();
  for (const key of keys) {
    const change = ownChange(key, before, after);
    if (change !== undefined) changes.set(key, change);
  }
  const all = [...keys].flatMap((key) => changes.get(key) ?? affected(key, after, changes) ?? []);
  return all.sort((one, other) => (one.key < other.key ? -1 : 1));
}

function ownChange(key: string, before: Side, after: Side): KeyChange | undefined {
  const [old, current] = [before.documents.get(key), after.documents.get(key)];
  const rules = changedRules(rulesOf(old, before), rulesOf(current, after));
  const oldType = String(old?.['valueType']);
  const type = String(current?.['valueType']);
  const typeDiffers = old !== undefined && current !== undefined && oldType !== type;
  if (rules.length === 0 && !typeDiffers && (old === undefined) === (current === undefined)) {
    return undefined;
  }
  const properties = new Set<string>();
  for (const { rule, sign } of rules) {
    addProperties(rule.rule, (sign === '-' ? before : after).documents, properties, new Set());
  }
  return {
    key,
    type: String((current ?? old)!['type']),
    change: old === undefined ? 'added' : current === undefined ? 'removed' : 'changed',
    rules: rules.map(({ sign, rule: { list, ruleIndex, rule } }) => ({
      sign,
      list,
      ruleIndex,
      text: ruleText(rule),
    })),
    ...(typeDiffers && { valueTypes: [oldType, type] as const }),
    properties: [...properties].sort(),
    everyContext: typeDiffers || rules.some(({ rule }) => rule.always),
    afterEarlierRules: !typeDiffers && rules.length > 0 && rules.every(({ later }) => later),
    through: [],
  };
}

/** The environment counts for everything but segments. */
function rulesOf(document: JsonObject | undefined, { environment }: Side): ReachableRule[] {
  if (document === undefined) return [];
  return reachableRules(document, document['type'] === 'segment' ? undefined : environment);
}

interface SignedRule {
  readonly sign: '-' | '+';
  readonly rule: ReachableRule;
  /** Whether a rule that both sides have comes first. */
  readonly later: boolean;
}

function changedRules(
  before: readonly ReachableRule[],
  after: readonly ReachableRule[],
): SignedRule[] {
  let [old, current] = [0, 0];
  let later = false;
  const changed: SignedRule[] = [];
  for (const { sign } of diffLines(identities(before), identities(after))) {
    if (sign === ' ') later = true;
    else changed.push({ sign, rule: sign === '-' ? before[old]! : after[current]!, later });
    if (sign !== '+') old++;
    if (sign !== '-') current++;
  }
  return changed;
}

const identities = (rules: readonly ReachableRule[]): string[] =>
  rules.map(({ identity }) => identity);

/** A config whose own rules are the same, and that refers to one that has changed. */
function affected(
  key: string,
  { documents }: Side,
  changes: ReadonlyMap<string, KeyChange>,
): KeyChange | undefined {
  const reached = new Set<string>();
  const pending = [key];
  while (pending.length > 0) {
    const document = documents.get(pending.pop()!);
    for (const reference of document === undefined ? [] : referencesOf(document)) {
      if (reached.has(reference)) continue;
      reached.add(reference);
      pending.push(reference);
    }
  }
  const through = [...reached].filter((reference) => changes.has(reference)).sort();
  if (through.length === 0) return undefined;
  const causes = through.map((reference) => changes.get(reference)!);
  return {
    key,
    type: String(documents.get(key)?.['type']),
    change: 'affected',
    rules: [],
    properties: [...new Set(causes.flatMap(({ properties }) => properties))].sort(),
    everyContext: causes.some(({ everyContext }) => everyContext),
    afterEarlierRules: false,
    through,
  };
}

/** The properties that a rule reads, also those of the segments in its criteria. */
function addProperties(
  rule: JsonObject,
  documents: Side['documents'],
  properties: Set<string>,
  visited: Set<string>,
): void {
  for (const criterion of criteriaOfRule(rule)) {
    const { propertyName } = criterion;
    const segment = segmentOf(criterion);
    if (segment === undefined && typeof propertyName === 'string') properties.add(propertyName);
    if (segment === undefined || visited.has(segment)) continue;
    visited.add(segment);
    const document = documents.get(segment);
    for (const each of document === undefined ? [] : reachableRules(document, undefined)) {
      addProperties(each.rule, documents, properties, visited);
    }
  }
  const value = isJsonObject(rule['value']) ? rule['value']['value'] : undefined;
  const hashed = isJsonObject(value) ? value['hashByPropertyName'] : undefined;
  if (typeof hashed === 'string' && hashed !== '') properties.add(hashed);
}
