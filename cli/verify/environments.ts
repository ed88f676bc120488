import { closestName } from 'nestjs-quonfig';
import { objectsIn, ruleListsOf } from '../workspace/document-parts.js';
import { pointerOf } from '../workspace/json-path.js';
import type { Document, Finding } from './finding.js';

/**
 * Finds environments that `quonfig.json` does not list, entries that repeat one, and entries without rules.
 *
 * @param known the environments of `quonfig.json`; empty if it lists none
 * @param reported pointers to what the JSON Schema has reported, such as an invalid id
 */
export function environmentFindings(
  { file, content }: Document,
  known: readonly string[],
  reported: ReadonlySet<string>,
): Finding[] {
  const { path } = file;
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const { part, at } of objectsIn(content['environments'], ['environments'])) {
    const { id } = part;
    if (typeof id !== 'string') continue;
    const place = { path, at: [...at, 'id'] };
    if (known.length > 0 && !known.includes(id) && !reported.has(pointerOf(place.at))) {
      const meant = closestName(id, known);
      const remedy =
        meant === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${meant}"?`;
      const message = `The environment ${JSON.stringify(id)} is not in quonfig.json, so these rules never apply. ${remedy}`;
      findings.push({ rule: 'unknown-environment', ...place, message });
    }
    if (seen.has(id)) {
      const message = `The environment ${JSON.stringify(id)} has an entry above, which is used instead of this one. Merge them.`;
      findings.push({ rule: 'duplicate-environment', ...place, message });
    }
    seen.add(id);
  }
  for (const { environment, rules, at } of ruleListsOf(content)) {
    if (environment === undefined || rules.length > 0) continue;
    const message = 'The list of rules is empty. Remove the entry, or add rules.';
    findings.push({ rule: 'empty-rules', path, at, message });
  }
  return findings;
}
