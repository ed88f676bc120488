import type { Config, Contexts, QuonfigService } from '../index.js';
import { allRulesOf, objectOf, rulesOf, splitProperty, storedValues } from './shown-value.js';

/** A property that can change the value of a key. */
export interface ReadProperty {
  readonly property: string;
  /** What reads it: the key itself, or segments and key configs that it uses. */
  readonly readBy: readonly string[];
  /** Whether the given contexts have it. */
  readonly present: boolean;
}

/** A given property that no rule of the key reads. */
export interface UnreadProperty {
  readonly property: string;
  /** A property that the rules do read, spelled alike. */
  readonly suggestion?: string;
}

export interface ReadProperties {
  readonly read: readonly ReadProperty[];
  /** 50 at most. */
  readonly unread: readonly UnreadProperty[];
}

const MAX_CONFIGS = 200;
const MAX_UNREAD = 50;
/** More typing errors than that are another word. */
const MAX_DISTANCE = 2;
/** Names of the time, which is part of no context. */
const TIMES = ['quonfig.current-time', 'prefab.current-time', 'reforge.current-time'];

/** Which properties the rules of a key read, through its segments and key configs, and which given ones they do not. */
export function readProperties(
  quonfig: Pick<QuonfigService, 'rawConfig'>,
  key: string,
  contexts: Contexts,
): ReadProperties {
  const readers = new Map<string, string[]>();
  const waiting = [{ key, isSegment: false }];
  const visited = new Set<string>();
  for (const next of waiting) {
    if (visited.has(next.key) || visited.size >= MAX_CONFIGS) continue;
    visited.add(next.key);
    const config = quonfig.rawConfig(next.key);
    for (const property of propertiesOf(config, next.isSegment)) {
      const by = readers.get(property) ?? [];
      readers.set(property, by);
      if (!by.includes(next.key)) by.push(next.key);
    }
    for (const segment of segmentsOf(config)) waiting.push({ key: segment, isSegment: true });
    for (const { decryptWith } of storedValues(config)) {
      if (typeof decryptWith === 'string') waiting.push({ key: decryptWith, isSegment: false });
    }
  }
  const given = givenProperties(contexts);
  const read = [...readers].map(([property, readBy]) => ({
    property,
    readBy,
    present: TIMES.includes(property) || given.has(property),
  }));
  const unread = [...given]
    .filter((property) => !readers.has(property))
    .slice(0, MAX_UNREAD)
    .map((property) => {
      const missing = read.filter(({ present }) => !present);
      const alike = missing.find((one) => spelledAlike(one.property, property));
      return { property, ...(alike && { suggestion: alike.property }) };
    });
  return { read: read.sort((one, other) => (one.property < other.property ? -1 : 1)), unread };
}

function* propertiesOf(config: Config | undefined, isSegment: boolean): Generator<string> {
  for (const { criteria, value } of isSegment ? rulesOf(config, 'default') : allRulesOf(config)) {
    for (const { propertyName } of criteria) {
      if (typeof propertyName === 'string' && propertyName !== '') yield propertyName;
    }
    const split = value?.type === 'weighted_values' ? splitProperty(value) : undefined;
    if (split !== undefined) yield split;
  }
}

function* segmentsOf(config: Config | undefined): Generator<string> {
  for (const { criteria } of allRulesOf(config)) {
    for (const { operator, valueToMatch } of criteria) {
      const tests = operator === 'IN_SEG' || operator === 'NOT_IN_SEG';
      if (tests && typeof valueToMatch?.value === 'string') yield valueToMatch.value;
    }
  }
}

/** The names of the properties of contexts, as rules name them. A context without a name has no prefix. */
function givenProperties(contexts: Contexts): Set<string> {
  const names = new Set<string>();
  for (const [context, properties] of Object.entries(contexts)) {
    for (const [property, value] of Object.entries(objectOf(properties))) {
      if (value === undefined || value === null) continue;
      names.add(context === '' ? property : `${context}.${property}`);
    }
  }
  return names;
}

function spelledAlike(one: string, other: string): boolean {
  const [short, long] = [one, other].map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  return distance(short!, long!) <= Math.min(MAX_DISTANCE, Math.floor(short!.length / 3));
}

/** How many letters must be added, removed, replaced, or swapped with the next. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MAX_DISTANCE) return Infinity;
  let last: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      let best = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        best = Math.min(best, last[j - 2]! + 1);
      }
      next.push(best);
    }
    [last, row] = [row, next];
  }
  return row[other.length]!;
}
