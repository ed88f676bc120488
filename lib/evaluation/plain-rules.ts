import type { PropertyRecord } from '../model/index.js';
import type { PropertyCheck } from './property-check.js';
import type { CompiledRule } from './rule.js';

/** One check of a rule, with the steps that can follow it. */
interface Step {
  readonly check: PropertyCheck;
  /** The rule that matches if this check, its last one, holds. */
  readonly rule: CompiledRule | undefined;
  /** The next check of the same rule. */
  readonly next: Step | undefined;
  /** The first check of the next rule. */
  readonly otherwise: Step | undefined;
}

/**
 * Rules that test nothing but their config's main context, as one chain of checks. Most configs have only such rules, and
 * this is the fastest way to evaluate them.
 */
export class PlainRules {
  private constructor(
    private readonly first: Step | undefined,
    /** The rule without conditions that matches if no earlier one does. */
    private readonly last: CompiledRule | undefined,
  ) {}

  /** Returns `undefined` if a rule tests anything else. */
  static of(rules: readonly CompiledRule[]): PlainRules | undefined {
    const end = rules.findIndex(({ mainChecks }) => mainChecks?.length === 0);
    const tried = end < 0 ? rules : rules.slice(0, end);
    let first: Step | undefined;
    for (const rule of tried.toReversed()) {
      if (rule.mainChecks === undefined) return undefined;
      first = chain(rule, rule.mainChecks, first);
    }
    return new PlainRules(first, rules[end]);
  }

  /** Throws if a getter or proxy in the context throws. */
  match(main: PropertyRecord | undefined): CompiledRule | undefined {
    let step = this.first;
    while (step !== undefined) {
      if (!step.check.holdsIn(main)) step = step.otherwise;
      else if (step.rule !== undefined) return step.rule;
      else step = step.next;
    }
    return this.last;
  }
}

function chain(
  rule: CompiledRule,
  checks: readonly PropertyCheck[],
  otherwise: Step | undefined,
): Step | undefined {
  let next: Step | undefined;
  for (const check of checks.toReversed()) {
    next = { check, rule: next === undefined ? rule : undefined, next, otherwise };
  }
  return next;
}
