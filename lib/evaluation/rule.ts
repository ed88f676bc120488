import { InvalidConfigError } from '../errors/index.js';
import {
  type ConfigValue,
  type PropertyRecord,
  type Contexts,
  type ContextTier,
  type Criterion,
  isJsonObject,
} from '../model/index.js';
import type { CompiledCriterion } from './criterion.js';
import type { Outcome } from './outcome.js';
import type { PropertyCheck } from './property-check.js';
import type { SegmentRun } from './segment.js';
import type { Split } from './weighted.js';

/** A compiled rule: criteria that must all hold, and the outcome if they do. */
export class CompiledRule {
  /** The conditions as property checks, if all of them test the config's main context; empty if the rule always matches. */
  readonly mainChecks: readonly PropertyCheck[] | undefined;

  constructor(
    readonly criteria: readonly CompiledCriterion[],
    /** The outcome of the rule; absent if the rule splits. */
    readonly outcome: Outcome | undefined,
    readonly split?: Split,
  ) {
    const conditions = criteria.filter((criterion) => !criterion.alwaysHolds);
    const checks = conditions.map(({ inMain }) => inMain).filter((check) => check !== undefined);
    this.mainChecks = checks.length === conditions.length ? checks : undefined;
  }

  /** The outcome, or those of all variants. */
  get outcomes(): readonly Outcome[] {
    return this.outcome === undefined ? (this.split?.outcomes ?? []) : [this.outcome];
  }

  /** Returns the outcome of a match; `undefined` if the rule splits among no variants. */
  pick(call: Contexts | undefined, base: ContextTier | undefined): Outcome | undefined {
    return this.outcome ?? this.split?.pick(call, base);
  }

  /**
   * Throws if a getter or proxy in the context throws.
   *
   * @param main the config's main context, looked up once per evaluation
   */
  matches(
    main: PropertyRecord | undefined,
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): boolean {
    const { mainChecks } = this;
    if (mainChecks === undefined) return this.matchesCarefully(call, base, run);
    for (let i = 0; i < mainChecks.length; i++) {
      if (!mainChecks[i]!.holdsIn(main)) return false;
    }
    return true;
  }

  /** Like `matches`, but a property whose getter or proxy throws counts as missing. */
  matchesCarefully(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): boolean {
    const { criteria } = this;
    for (let i = 0; i < criteria.length; i++) {
      if (!criteria[i]!.test(call, base, run)) return false;
    }
    return true;
  }
}

/** The parts of a rule as delivered, checked as far as compiling requires. */
export interface RuleParts {
  readonly criteria: Criterion[];
  readonly value: ConfigValue;
}

/** @throws {InvalidConfigError} `invalid_config` if the value is not a rule */
export function rulePartsOf(key: string, rule: unknown): RuleParts {
  if (!isJsonObject(rule)) throw new InvalidConfigError(key, 'a rule is not an object');
  const criteria = rule['criteria'] ?? [];
  if (!Array.isArray(criteria) || !criteria.every(isCriterion)) {
    throw new InvalidConfigError(key, "a rule's criteria are not a list of criteria");
  }
  const value = rule['value'];
  if (!isJsonObject(value) || typeof value['type'] !== 'string') {
    throw new InvalidConfigError(key, 'a rule has no value');
  }
  return { criteria, value: value as unknown as ConfigValue };
}

function isCriterion(candidate: unknown): candidate is Criterion {
  if (!isJsonObject(candidate) || typeof candidate['operator'] !== 'string') return false;
  const { propertyName, valueToMatch } = candidate;
  return (
    (propertyName === undefined || propertyName === null || typeof propertyName === 'string') &&
    (valueToMatch === undefined || valueToMatch === null || isJsonObject(valueToMatch))
  );
}
