import type { ContextProperties } from '../model/index.js';
import type { PropertyCheck } from './property-check.js';
import type { CompiledRule } from './rule.js';

/** One check of a rule, and where to go from it. */
interface Step {
  readonly check: PropertyCheck;
  /** The rule that matches once this last check of it holds. */
  readonly rule: CompiledRule | undefined;
  /** The next check of the same rule. */
  readonly next: Step | undefined;
  /** The first check of the next rule. */
  readonly otherwise: Step | undefined;
}

/**
 * Rules that look at nothing but the main context of their config, as one chain of checks: most configs have only such
 * rules, and this is the fastest way to try them.
 */
export class PlainRules {
  private constructor(
    private readonly first: Step | undefined,
    /** The rule without conditions that is reached when no other matches. */
    private readonly last: CompiledRule | undefined,
  ) {}

  /** `undefined` when one of the rules looks at something else. */
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

  /** Throws whatever a getter or proxy in the context throws. */
  match(main: ContextProperties | undefined): CompiledRule | undefined {
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
