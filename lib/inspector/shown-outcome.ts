import type { Config, EvaluationTrace, RuleTrace, StoredValue } from '../index.js';
import { hiddenOf, jsonText, rulesOf, type ShownValue, weightedEntries } from './shown-value.js';

/** What may be shown of the result of a trace; `undefined` if it has no value. */
export function shownOutcome(
  { key, rules, outcome }: EvaluationTrace,
  config: Config | undefined,
  decrypting: ReadonlySet<string>,
): ShownValue | undefined {
  const stored = storedOf(
    rules.find(({ matched }) => matched),
    config,
  );
  const hidden = hiddenOf(stored, decrypting.has(key));
  // An error has no value, but what would have been hidden says where to look.
  if (hidden !== undefined) return hidden;
  return outcome.value === undefined ? undefined : { text: jsonText(outcome.value) };
}

/** The stored value that a matched rule leads to. */
function storedOf(
  rule: RuleTrace | undefined,
  config: Config | undefined,
): StoredValue | undefined {
  if (rule === undefined) return undefined;
  const value = rulesOf(config, rule.list)[rule.ruleIndex]?.value;
  const entries = weightedEntries(value);
  if (entries === undefined) return value;
  const { bucket } = rule.weight ?? {};
  return bucket === undefined ? undefined : entries[bucket]?.value;
}
