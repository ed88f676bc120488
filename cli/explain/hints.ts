import { closestName, type Contexts, type EvaluationTrace, type RuleTrace } from 'nestjs-quonfig';
import { isJsonObject, ruleListsOf } from '../workspace/document-parts.js';
import { CONFIG_DIRECTORIES, readDocument } from '../workspace/workspace-files.js';
import { environmentWithoutRules, propertyMisspelled } from './explain.messages.js';

/** What people overlook: properties that contexts spell in another way, and rules of another environment. */
export function hintsFor(
  { key, environment, rules }: EvaluationTrace,
  contexts: Contexts | undefined,
  datadir: string,
): string[] {
  const read = readProperties(rules);
  const unread = propertiesIn(contexts).filter((property) => !read.has(property));
  const hints = [...read].flatMap(([property, isMissing]) => {
    const meant = isMissing ? alike(property, unread) : undefined;
    return meant === undefined ? [] : [propertyMisspelled(property, meant)];
  });
  const others = environmentsWithRules(key, datadir);
  if (others.length > 0 && !others.includes(environment)) {
    hints.push(environmentWithoutRules(environment, others));
  }
  return hints;
}

function propertiesIn(contexts: Contexts = {}): string[] {
  return Object.entries(contexts).flatMap(([name, properties]) =>
    Object.keys(properties ?? {}).map((property) => `${name}.${property}`),
  );
}

/** The properties that rules, also those of segments, and splits asked for, and whether they are missing. */
function readProperties(
  rules: readonly RuleTrace[],
  read = new Map<string, boolean>(),
): Map<string, boolean> {
  for (const { criteria, weight } of rules) {
    for (const { propertyName, seen, segment } of criteria) {
      if (propertyName !== undefined) read.set(propertyName, seen === undefined);
      readProperties(segment?.rules ?? [], read);
    }
    const { hashByPropertyName, seen } = weight ?? {};
    if (hashByPropertyName !== undefined) read.set(hashByPropertyName, seen === undefined);
  }
  return read;
}

/** The given property that was meant: spelled alike, or of the same name in another context. */
function alike(property: string, given: readonly string[]): string | undefined {
  return closestName(property, given) ?? given.find((other) => nameOf(other) === nameOf(property));
}

/** The name of a property without its context, in lower case. */
function nameOf(property: string): string {
  return property.slice(property.lastIndexOf('.') + 1).toLowerCase();
}

/** The environments that a document has rules for. It is in the file of its name, where `verify` wants it. */
function environmentsWithRules(key: string, datadir: string): string[] {
  for (const directory of Object.keys(CONFIG_DIRECTORIES)) {
    const { content } = readDocument(datadir, directory, `${key}.json`);
    if (!isJsonObject(content) || content['key'] !== key) continue;
    return ruleListsOf(content).flatMap(({ environment, rules }) =>
      typeof environment === 'string' && rules.length > 0 ? [environment] : [],
    );
  }
  return [];
}
