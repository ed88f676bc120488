import { type Criterion, criterionProblem } from 'nestjs-quonfig';
import { criteriaOf, isJsonObject, ruleListsOf } from '../workspace/document-parts.js';
import { pointerOf } from '../workspace/json-path.js';
import type { Document, Finding } from './finding.js';

/**
 * Finds rules that no read reaches, and criteria whose operator cannot use its value.
 *
 * @param reported pointers to what the JSON Schema has reported, such as an unknown operator
 */
export function ruleFindings(
  { file: { path }, content }: Document,
  reported: ReadonlySet<string>,
): Finding[] {
  const findings: Finding[] = [];
  for (const { rules } of ruleListsOf(content)) {
    const earlier = new Map<string, number>();
    for (const [index, { part, at }] of rules.entries()) {
      const criteria = part['criteria'] ?? [];
      if (!Array.isArray(criteria)) continue;
      const condition = JSON.stringify(criteria.filter((criterion) => !isAlways(criterion)));
      const shadow = earlier.get('[]') ?? earlier.get(condition);
      if (shadow !== undefined) {
        const reason = earlier.has('[]') ? 'always matches' : 'has the same criteria';
        const message = `The rule is never reached: rule ${shadow + 1} above ${reason}. Move or remove one of them.`;
        findings.push({ rule: 'unreachable-rule', path, at, message });
      } else earlier.set(condition, index);
    }
  }
  for (const { part, at } of criteriaOf(content)) {
    const { operator, valueToMatch } = part;
    if (typeof operator !== 'string' || !isJsonObject(valueToMatch)) continue;
    if (reported.has(pointerOf([...at, 'operator']))) continue;
    // What these need is checked with the references.
    if (operator === 'IN_SEG' || operator === 'NOT_IN_SEG') continue;
    const problem = criterionProblem(part as unknown as Criterion);
    if (problem === undefined) continue;
    const message = problem.charAt(0).toUpperCase() + problem.slice(1);
    findings.push({ rule: 'unusable-match', path, at: [...at, 'valueToMatch'], message });
  }
  return findings;
}

function isAlways(criterion: unknown): boolean {
  return isJsonObject(criterion) && criterion['operator'] === 'ALWAYS_TRUE';
}
