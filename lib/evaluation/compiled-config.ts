import { InvalidConfigError } from '../errors/index.js';
import type {
  Config,
  ConfigValue,
  PropertyRecord,
  Contexts,
  ContextTier,
  Criterion,
  RuleSet,
} from '../model/index.js';
import { compileValue, isEncrypted } from './compile-value.js';
import { FailingValue } from './compiled-value.js';
import { compileCriterion, mainContextOf, SegmentCriterion } from './criterion.js';
import { finding, partPlace, rulePlace } from './evaluation.messages.js';
import type { EvaluationHost } from './host.js';
import { Outcome, Reason } from './outcome.js';
import { contextNamed } from './property.js';
import { PlainRules } from './plain-rules.js';
import { CompiledRule, rulePartsOf } from './rule.js';
import {
  planSegments,
  type Segment,
  type SegmentPlan,
  SegmentReference,
  SegmentRun,
} from './segment.js';
import { listProblem } from './author-mistakes.js';
import { Split } from './weighted.js';

/** The snapshot that a config belongs to. It provides the config's segments and key configs. */
export interface EvaluationScope {
  /** Id of the environment whose rules apply; empty if there is none. */
  readonly environment: string;
  readonly host: EvaluationHost;
  find(key: string): CompiledConfig | undefined;
}

/** Stands for the value of a config whose reads can return different ones. */
export const VARIES = Symbol('varies');

/** A config compiled for evaluation, on the first read of its key. */
export class CompiledConfig implements Segment {
  /**
   * The value of every read, if it never varies; else {@link VARIES}. A copy of `constant.constant`, and declared first:
   * with many configs, a read costs as much as the cache lines it loads, and these reads then load one.
   */
  readonly fixedValue: unknown;
  /** The outcome of every read, if the first rule always matches. */
  readonly constant: Outcome | undefined;
  readonly source: Config;
  private readonly scope: EvaluationScope;
  /** The rules of the current environment; they take precedence over the default rules. */
  readonly environmentRules: readonly CompiledRule[];
  readonly defaultRules: readonly CompiledRule[];
  /** Both lists, in order of precedence. */
  private readonly rules: readonly CompiledRule[];
  /** The same rules in a faster form, if they test nothing but the main context. */
  private readonly plainRules: PlainRules | undefined;
  /** They again, if all of them are default rules: the ones that apply to a segment. */
  private readonly plainDefaults: PlainRules | undefined;
  /** Name of the context that the first property criterion tests; looked up once per evaluation. */
  private readonly mainContext: string | undefined;
  /** `undefined` until it is computed; `null` if plain recursion suffices. */
  private segmentPlan: SegmentPlan | undefined | null;

  constructor(source: Config, scope: EvaluationScope) {
    this.source = source;
    this.scope = scope;
    let environmentRules: CompiledRule[] = [];
    let defaultRules: CompiledRule[] = [];
    try {
      const criteria = criteriaOf(source);
      const targeted = criteria.some(({ operator }) => operator !== 'ALWAYS_TRUE');
      this.mainContext = mainContextOf(criteria);
      const environment = source.environment;
      if (environment && scope.environment !== '' && environment.id === scope.environment) {
        environmentRules = this.compileRules(environment, 'environment', targeted);
      }
      defaultRules = this.compileRules(source.default, 'default', targeted);
    } catch (error) {
      if (!(error instanceof InvalidConfigError)) throw error;
      environmentRules = [];
      defaultRules = [failingRule(source, error)];
    }
    this.environmentRules = environmentRules;
    this.defaultRules = defaultRules;
    this.rules = [...environmentRules, ...defaultRules];
    this.plainRules = PlainRules.of(this.rules);
    this.plainDefaults = environmentRules.length === 0 ? this.plainRules : undefined;
    const constant = constantOutcome(this.rules[0]);
    this.constant = constant;
    this.fixedValue = constant?.isConstant ? constant.constant : VARIES;
  }

  /** Evaluates the config. `undefined` when no rule matches. */
  match(call: Contexts | undefined, base: ContextTier | undefined): Outcome | undefined {
    if (this.constant !== undefined) return this.constant;
    if (this.plainRules !== undefined) return this.matchPlain(this.plainRules, call, base);
    const run = this.segmentPlan === null ? undefined : this.startRun(call, base);
    const main = this.mainContextIn(call, base);
    return firstMatch(this.rules, main, call, base, run)?.pick(call, base);
  }

  private matchPlain(
    plainRules: PlainRules,
    call: Contexts | undefined,
    base: ContextTier | undefined,
  ): Outcome | undefined {
    try {
      return plainRules.match(this.mainContextIn(call, base))?.pick(call, base);
    } catch {
      return firstMatchCarefully(this.rules, call, base, undefined)?.pick(call, base);
    }
  }

  /** Starts a run, which caches segment results. Only configs with shared, deep or cyclic segments need one. */
  startRun(call: Contexts | undefined, base: ContextTier | undefined): SegmentRun | undefined {
    if (this.segmentPlan === undefined) this.segmentPlan = planSegments(this) ?? null;
    if (this.segmentPlan === null) return undefined;
    const run = new SegmentRun(this.segmentPlan, this);
    run.prepare(call, base);
    return run;
  }

  private mainContextIn(
    call: Contexts | undefined,
    base: ContextTier | undefined,
  ): PropertyRecord | undefined {
    return this.mainContext === undefined
      ? undefined
      : contextNamed(this.mainContext, call, base, this.scope.host);
  }

  /** Only the default rules apply: segments have no environment rules. */
  matchesAsSegment(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): boolean {
    const outcome = this.matchDefaults(call, base, run);
    if (outcome === undefined) return false;
    if (outcome.isConstant) return Boolean(outcome.constant);
    // Encrypted segments are unsupported: resolving their key could recurse into this segment.
    if (isEncrypted(outcome.value.source)) return false;
    try {
      return Boolean(outcome.resolve(call, base));
    } catch {
      // A segment whose value cannot be resolved counts as missing.
      return false;
    }
  }

  private matchDefaults(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): Outcome | undefined {
    if (this.plainDefaults !== undefined) return this.matchPlain(this.plainDefaults, call, base);
    const main = this.mainContextIn(call, base);
    return firstMatch(this.defaultRules, main, call, base, run)?.pick(call, base);
  }

  segmentsOfDefaultRules(): Segment[] {
    return segmentsOf(this.defaultRules);
  }

  segmentsOfAllRules(): Segment[] {
    return segmentsOf(this.rules);
  }

  private compileRules(
    rules: RuleSet | null | undefined,
    list: string,
    targeted: boolean,
  ): CompiledRule[] {
    return (rules?.rules ?? []).map((rule, index) =>
      this.compileRule(rule, index, rulePlace(list, index), targeted),
    );
  }

  private compileRule(
    rule: unknown,
    index: number,
    place: string,
    targeted: boolean,
  ): CompiledRule {
    const { key } = this.source;
    const { host } = this.scope;
    const { criteria, value } = rulePartsOf(key, rule);
    const compiledCriteria = criteria.map((criterion, at) =>
      compileCriterion(
        criterion,
        { key, place: partPlace(place, 'criterion', at), mainContext: this.mainContext },
        host,
        (segment) => new SegmentReference(segment, (name) => this.scope.find(name)),
      ),
    );
    const compile = (source: ConfigValue, at: string) => {
      const problem = isEncrypted(source) ? undefined : listProblem(source);
      if (problem !== undefined) host.warnOnce(finding(key, at, problem));
      return compileValue(this.source, source, host, (name, call, base, path) =>
        this.scope.find(name)?.match(call, base)?.resolve(call, base, path),
      );
    };
    if (value.type === 'weighted_values') {
      const split = new Split(this.source, index, value, host, (variant, at) =>
        compile(variant, partPlace(place, 'variant', at)),
      );
      return new CompiledRule(compiledCriteria, undefined, split);
    }
    const reason = index === 0 && !targeted ? Reason.STATIC : Reason.TARGETING_MATCH;
    return new CompiledRule(
      compiledCriteria,
      new Outcome(this.source, compile(value, place), reason, index),
    );
  }
}

function firstMatch(
  rules: readonly CompiledRule[],
  main: PropertyRecord | undefined,
  call: Contexts | undefined,
  base: ContextTier | undefined,
  run: SegmentRun | undefined,
): CompiledRule | undefined {
  try {
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      if (rule.matches(main, call, base, run)) return rule;
    }
    return undefined;
  } catch {
    return firstMatchCarefully(rules, call, base, run);
  }
}

function firstMatchCarefully(
  rules: readonly CompiledRule[],
  call: Contexts | undefined,
  base: ContextTier | undefined,
  run: SegmentRun | undefined,
): CompiledRule | undefined {
  return rules.find((rule) => rule.matchesCarefully(call, base, run));
}

/** Returns the criteria of all rules in both lists. */
function criteriaOf({ key, default: defaults, environment }: Config): Criterion[] {
  return [...(environment?.rules ?? []), ...(defaults?.rules ?? [])].flatMap(
    (rule) => rulePartsOf(key, rule).criteria,
  );
}

function constantOutcome(first: CompiledRule | undefined): Outcome | undefined {
  return first?.mainChecks?.length === 0 ? first.outcome : undefined;
}

function failingRule(source: Config, error: InvalidConfigError): CompiledRule {
  const value = new FailingValue({ type: 'schema', value: undefined }, error);
  return new CompiledRule([], new Outcome(source, value, Reason.ERROR, 0));
}

function segmentsOf(rules: readonly CompiledRule[]): Segment[] {
  return rules
    .flatMap((rule) => rule.criteria)
    .filter((criterion) => criterion instanceof SegmentCriterion)
    .map((criterion) => criterion.segment.target)
    .filter((segment) => segment !== undefined);
}
