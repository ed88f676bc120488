import { CompiledConfig } from './compiled-config.js';
import { ConstantValue, FailingValue } from './compiled-value.js';
import { SegmentCriterion } from './criterion.js';
import type { Outcome } from './outcome.js';
import type { CompiledRule } from './rule.js';

/** Returns every outcome that evaluating a config can have. */
export function possibleOutcomes(config: CompiledConfig): Outcome[] {
  return rulesOf(config).flatMap(({ outcomes }) => outcomes);
}

/** Whether an outcome has the same value, or the same error, for every read. */
export function isFixed({ value }: Outcome): boolean {
  return value instanceof ConstantValue || value instanceof FailingValue;
}

/** Whether a rule matches for every read. */
export function alwaysMatches(config: CompiledConfig): boolean {
  return rulesOf(config).some(({ mainChecks, outcome }) => mainChecks?.length === 0 && outcome);
}

/**
 * Whether evaluating a config reads one context, or any contexts without a name, and nothing else: no clock, random number or
 * environment variable. Iterative, because the references between segments come from outside.
 */
export function readsOnlyContexts(config: CompiledConfig, context?: string): boolean {
  const found = new Set<CompiledConfig>();
  const collect = (rule: CompiledRule): boolean => {
    if (!rule.outcomes.every(isFixed)) return false;
    if (rule.split !== undefined && !rule.split.readsOnly(context)) return false;
    return rule.criteria.every((criterion) => {
      if (!(criterion instanceof SegmentCriterion)) return criterion.readsOnly(context);
      const { target } = criterion.segment;
      if (target instanceof CompiledConfig) found.add(target);
      return true;
    });
  };
  if (!rulesOf(config).every(collect)) return false;
  for (const segment of found) if (!segment.defaultRules.every(collect)) return false;
  return true;
}

/** Returns the rules of both lists, in order of precedence. */
export function rulesOf({ environmentRules, defaultRules }: CompiledConfig): CompiledRule[] {
  return [...environmentRules, ...defaultRules];
}
