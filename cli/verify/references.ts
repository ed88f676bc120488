import { closestName } from 'nestjs-quonfig';
import { criteriaOf, isJsonObject, valuesOf } from '../workspace/document-parts.js';
import type { JsonPath } from '../workspace/json-path.js';
import { closingReferences, type Reference } from './cycles.js';
import type { Document, Finding } from './finding.js';
import type { RuleId } from './rules.js';

/** Finds references to segments and key configs that do not exist or form a cycle. */
export function referenceFindings(configs: readonly Document[]): Finding[] {
  const keys = new Set(configs.flatMap(({ key }) => key ?? []));
  const segments = new Set(
    configs.flatMap(({ key, content }) =>
      key !== undefined && content['valueType'] === 'bool' ? [key] : [],
    ),
  );
  return [
    ...missingAndCyclic(configs, segmentsOf, keys, segments, 'unknown-segment'),
    ...missingAndCyclic(configs, keyConfigsOf, keys, keys, 'unknown-key-config'),
  ];
}

interface Mention {
  readonly target: string;
  readonly at: JsonPath;
}

function segmentsOf({ content }: Document): Mention[] {
  return criteriaOf(content).flatMap(({ part, at }) => {
    const { operator, valueToMatch } = part;
    if (operator !== 'IN_SEG' && operator !== 'NOT_IN_SEG') return [];
    const target = isJsonObject(valueToMatch) ? valueToMatch['value'] : undefined;
    if (typeof target !== 'string' || target === '') return [];
    return [{ target, at: [...at, 'valueToMatch', 'value'] }];
  });
}

function keyConfigsOf({ content }: Document): Mention[] {
  return valuesOf(content).flatMap(({ part, at }) => {
    const target = part['decryptWith'];
    if (typeof target !== 'string' || target === '') return [];
    return [{ target, at: [...at, 'decryptWith'] }];
  });
}

function missingAndCyclic(
  documents: readonly Document[],
  mentionsOf: (document: Document) => Mention[],
  keys: ReadonlySet<string>,
  candidates: ReadonlySet<string>,
  rule: RuleId,
): Finding[] {
  const findings: Finding[] = [];
  const references = new Map<string, (Reference & { path: string; at: JsonPath })[]>();
  for (const document of documents) {
    const { path } = document.file;
    for (const { target, at } of mentionsOf(document)) {
      if (!keys.has(target)) {
        const message = unknownMessage(rule, target, closestName(target, candidates));
        findings.push({ rule, path, at, message });
      } else if (document.key !== undefined) {
        const known = references.get(document.key);
        const reference = { target, path, at };
        if (known === undefined) references.set(document.key, [reference]);
        else known.push(reference);
      }
    }
  }
  for (const { reference, cycle } of closingReferences(references)) {
    const { path, at } = reference;
    const message = `The references form a cycle: ${cycle.join(' -> ')}. Remove one of them.`;
    findings.push({ rule: 'reference-cycle', path, at, message });
  }
  return findings;
}

function unknownMessage(rule: RuleId, target: string, meant: string | undefined): string {
  const [what, effect] =
    rule === 'unknown-segment'
      ? ['segment', 'so no context is in it']
      : ['config', 'so the value cannot be decrypted'];
  const remedy = meant === undefined ? `Add it, or correct the key.` : `Did you mean "${meant}"?`;
  return `There is no ${what} ${JSON.stringify(target)}, ${effect}. ${remedy}`;
}
