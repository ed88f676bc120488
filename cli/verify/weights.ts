import { ruleValuesOf, weightedValuesOf } from '../workspace/document-parts.js';
import type { Document, Finding } from './finding.js';

const WHOLE = 100_000;

/** Finds weights that do not add up, and weighted values without declared variants. */
export function weightFindings({ file: { path }, content }: Document): Finding[] {
  return ruleValuesOf(content).flatMap((value): Finding[] => {
    const weighted = weightedValuesOf(value);
    if (weighted === undefined) return [];
    const findings: Finding[] = [];
    const { at } = value;
    if (content['valueType'] !== 'bool' && !Array.isArray(content['variants'])) {
      const message =
        'Weighted values of other types than bool need "variants" in the document. Declare them.';
      findings.push({ rule: 'weights', path, at: [...at, 'type'], message });
    }
    const weights = weighted.map(({ part }) => part['weight']);
    // The JSON Schema reports a weight that is no such number.
    if (weights.length === 0 || !weights.every((weight) => Number.isInteger(weight)))
      return findings;
    const sum = (weights as number[]).reduce((total, weight) => total + weight, 0);
    const areEqual = weights.every((weight) => weight === weights[0]) && sum > 0;
    if (sum === WHOLE || areEqual) return findings;
    const message = `The weights sum to ${sum}. Make them sum to ${WHOLE}, or all equal.`;
    findings.push({ rule: 'weights', path, at: [...at, 'value', 'weightedValues'], message });
    return findings;
  });
}
