import type { Contexts } from '../model/index.js';
import type { CompiledConfig } from './compiled-config.js';
import { isFixed, rulesOf } from './context-reads.js';
import { SegmentCriterion } from './criterion.js';
import { CompiledRule } from './rule.js';

/**
 * Returns the rules that remain for reads with one given context: those it cannot match are omitted, and so are criteria
 * that it meets. `undefined` for a config with segments, which are evaluated as a whole.
 *
 * @param name of the given context
 * @param contexts of the call: the given context alone
 */
export function narrowedRules(
  config: CompiledConfig,
  name: string,
  contexts: Contexts,
): CompiledRule[] | undefined {
  const remaining: CompiledRule[] = [];
  for (const rule of rulesOf(config)) {
    const { criteria, outcome, split } = rule;
    if (criteria.some((criterion) => criterion instanceof SegmentCriterion)) return undefined;
    const open = criteria.filter((criterion) => !criterion.readsOnly(name));
    const decided = criteria.filter((criterion) => criterion.readsOnly(name));
    if (!decided.every((criterion) => criterion.test(contexts, undefined, undefined))) continue;
    if (split?.readsOnly(name)) {
      remaining.push(new CompiledRule(open, split.pick(contexts, undefined)));
    } else {
      // Most rules stay as they are: a copy of each per logger would add up.
      remaining.push(decided.length === 0 ? rule : new CompiledRule(open, outcome, split));
    }
    if (open.length === 0) break;
  }
  return remaining;
}

/** Whether narrowed rules have the same result for every read. */
export function isDecided([first]: readonly CompiledRule[]): boolean {
  if (first === undefined) return true;
  return first.criteria.length === 0 && first.split === undefined && first.outcomes.every(isFixed);
}
