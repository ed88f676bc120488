import {
  type Config,
  type ConfigValue,
  type Contexts,
  type ContextTier,
  cutText,
  deepFreeze,
  isJsonObject,
} from '../model/index.js';
import { CompiledConfig } from './compiled-config.js';
import { type CompiledCriterion, ConstantCriterion, SegmentCriterion } from './criterion.js';
import { detailsOfMatch, type EvaluationDetails } from './details.js';
import type { Outcome } from './outcome.js';
import { patternOf, patternReason, type PatternTrace, traceOfPattern } from './patterns/inspect.js';
import { redactedText } from './redaction.js';
import type { CompiledRule } from './rule.js';
import type { SegmentReference, SegmentRun } from './segment.js';
import { stringOf } from './string-form.js';
import type { Split } from './weighted.js';

/**
 * One evaluated criterion.
 *
 * @publicApi
 */
export interface CriterionTrace {
  /** E.g. `PROP_IS_ONE_OF`. */
  operator: string;
  /** Context and property, e.g. `user.plan`. */
  propertyName?: string;
  /** The value of the criterion that the property is compared with. */
  valueToMatch?: unknown;
  /** The value of the property, truncated; absent if the property is missing. */
  seen?: unknown;
  /** Whether the criterion matched. */
  result: boolean;
  /** Why, in one sentence. */
  reason: string;
  /** How the pattern is searched for, for the pattern operators. */
  pattern?: PatternTrace;
  /** The trace of the segment, for the segment operators. */
  segment?: SegmentTrace;
}

/**
 * A segment that a criterion tested. A repeated segment has no rules in the same trace.
 *
 * @publicApi
 */
export interface SegmentTrace {
  /** Key of the segment. */
  key: string;
  /** Whether a segment with this key exists. */
  found: boolean;
  /** The rules that were tried, in order. */
  rules?: RuleTrace[];
}

/**
 * How a weighted value was picked.
 *
 * @publicApi
 */
export interface WeightTrace {
  /** Absent if the pick is random. */
  hashByPropertyName?: string;
  /** The value of that property, cut to a bounded size. */
  seen?: unknown;
  /** Hash of key and property, an unsigned 32-bit integer. */
  hash?: number;
  /** The hash as a fraction of the hash range, 0 to 1. */
  fraction?: number;
  /** The same fraction of the sum of weights. The first variant whose cumulative weight reaches it is picked. */
  threshold?: number;
  /** Index of the picked variant among the weighted values. */
  bucket?: number;
}

/**
 * One evaluated rule, with its criteria up to the first that does not hold.
 *
 * @publicApi
 */
export interface RuleTrace {
  /** Which rules the rule belongs to. */
  list: 'environment' | 'default';
  /** Position of the rule in that list, from 0. */
  ruleIndex: number;
  /** Whether every criterion matched. */
  matched: boolean;
  /** The criteria that were tried, in order. */
  criteria: CriterionTrace[];
  /** How the weighted value was picked; absent for other values. */
  weight?: WeightTrace;
}

/**
 * Explains the result of a read as plain JSON: the evaluated rules, in order, and the outcome.
 *
 * @publicApi
 */
export interface EvaluationTrace {
  /** Key of the config. */
  key: string;
  /** Id of the environment whose rules apply. */
  environment: string;
  /** Version of the envelope. */
  version: string;
  /** Present if the files of the workspace could not be read the last time: these configs are older than the files. */
  olderThanFiles?: true;
  /** The rules that were tried, in order. */
  rules: RuleTrace[];
  /** The details of the read, with a confidential value redacted. */
  outcome: EvaluationDetails;
}

/** The snapshot's part of a trace. */
export type TraceFrame = Pick<EvaluationTrace, 'environment' | 'version'>;

/** Evaluates a config with the same code as reads, and records each step. */
export function traceOf(
  config: CompiledConfig,
  { environment, version }: TraceFrame,
  call: Contexts | undefined,
  base: ContextTier | undefined,
): EvaluationTrace {
  const tracer = new Tracer(config, call, base);
  const outcome = detailsOfMatch(
    config.source,
    environment,
    () => tracer.match(),
    (matched) => {
      const value = matched.resolve(call, base);
      const { source } = matched.value;
      return source.confidential ? redactedText(source) : value;
    },
  );
  return { key: config.source.key, environment, version, rules: tracer.rules, outcome };
}

class Tracer {
  readonly rules: RuleTrace[] = [];
  private readonly confidential: boolean;
  private readonly run: SegmentRun | undefined;
  private readonly tracedSegments = new Set<string>();

  constructor(
    private readonly config: CompiledConfig,
    private readonly call: Contexts | undefined,
    private readonly base: ContextTier | undefined,
  ) {
    this.run = config.startRun(call, base);
    this.confidential = isConfidential(config.source);
  }

  match(): Outcome | undefined {
    const found =
      this.tryRules(this.config, 'environment', this.rules) ??
      this.tryRules(this.config, 'default', this.rules);
    if (found === undefined) return undefined;
    const outcome = found.rule.pick(this.call, this.base);
    const { split } = found.rule;
    if (split !== undefined) found.trace.weight = this.traceWeight(split, outcome);
    return outcome;
  }

  private tryRules(
    config: CompiledConfig,
    list: RuleTrace['list'],
    into: RuleTrace[],
  ): { rule: CompiledRule; trace: RuleTrace } | undefined {
    const rules = list === 'environment' ? config.environmentRules : config.defaultRules;
    for (const [ruleIndex, rule] of rules.entries()) {
      const criteria: CriterionTrace[] = [];
      const matched = rule.criteria.every((criterion) => {
        const trace = this.traceCriterion(criterion);
        criteria.push(trace);
        return trace.result;
      });
      const trace: RuleTrace = { list, ruleIndex, matched, criteria };
      into.push(trace);
      if (matched) return { rule, trace };
    }
    return undefined;
  }

  private traceCriterion(criterion: CompiledCriterion): CriterionTrace {
    const { operator, propertyName, valueToMatch } = criterion.source;
    const tested = criterion.testedValue(this.call, this.base);
    const result = criterion.test(this.call, this.base, this.run);
    const text = patternOf(criterion.source);
    const pattern = text === undefined ? undefined : traceOfPattern(text);
    return {
      operator,
      ...(propertyName !== undefined && { propertyName }),
      ...(valueToMatch && { valueToMatch: deepFreeze(valueToMatch.value) }),
      ...this.seenField(tested),
      result,
      reason: patternReason(pattern, tested) ?? reasonFor(criterion, tested, result),
      ...(pattern !== undefined && { pattern }),
      ...(criterion instanceof SegmentCriterion && {
        segment: this.traceSegment(criterion.segment),
      }),
    };
  }

  private traceSegment({ key, target }: SegmentReference): SegmentTrace {
    if (!(target instanceof CompiledConfig)) return { key, found: false };
    const tooMany = this.tracedSegments.size >= MAX_SEGMENTS;
    if (tooMany || this.tracedSegments.has(key)) return { key, found: true };
    this.tracedSegments.add(key);
    const rules: RuleTrace[] = [];
    const trace = () => void this.tryRules(target, 'default', rules);
    if (this.run === undefined) trace();
    else this.run.inside(target, trace);
    return { key, found: true, rules };
  }

  private traceWeight(split: Split, outcome: Outcome | undefined): WeightTrace {
    return {
      ...split.trace(this.call, this.base),
      ...this.seenField(split.hashInput(this.call, this.base)),
      ...(outcome?.weightedValueIndex !== undefined && { bucket: outcome.weightedValueIndex }),
    };
  }

  private seenField(value: unknown): { seen?: unknown } {
    if (value === undefined || value === null) return {};
    return { seen: this.confidential ? '*****' : plain(value) };
  }
}

/** Bounds the size and depth of a trace: a larger one would be unreadable and could overflow the stack. */
const MAX_SEGMENTS = 50;
const MAX_STRING = 500;
const MAX_ELEMENTS = 50;

function reasonFor(criterion: CompiledCriterion, tested: unknown, result: boolean): string {
  if (criterion instanceof ConstantCriterion) {
    if (criterion.source.operator === 'ALWAYS_TRUE') return 'always true';
    return result
      ? 'the criterion names no segment'
      : 'the operator is unknown, or the criterion names no segment';
  }
  if (criterion instanceof SegmentCriterion) {
    return criterion.segment.target === undefined
      ? 'the segment does not exist'
      : result
        ? 'the segment satisfies the operator'
        : 'the segment does not satisfy the operator';
  }
  if (tested === undefined || tested === null) return 'the property is missing';
  return result ? 'the value satisfies the operator' : 'the value does not satisfy the operator';
}

function isConfidential({ default: defaults, environment }: Config): boolean {
  const rules = [...(environment?.rules ?? []), ...(defaults?.rules ?? [])];
  return rules.some((rule) => isJsonObject(rule) && valueIsConfidential(rule.value));
}

function valueIsConfidential(value: ConfigValue | undefined): boolean {
  if (!isJsonObject(value)) return false;
  if (value['confidential'] === true) return true;
  const weighted = isJsonObject(value['value']) ? value['value']['weightedValues'] : undefined;
  return (
    Array.isArray(weighted) &&
    weighted.some(
      (entry) => isJsonObject(entry) && valueIsConfidential(entry['value'] as ConfigValue),
    )
  );
}

/** Returns a context value as bounded, plain JSON. */
function plain(value: unknown): unknown {
  try {
    if (Array.isArray(value)) return value.slice(0, MAX_ELEMENTS).map(plainScalar);
    return plainScalar(value);
  } catch {
    return '[unreadable]';
  }
}

function plainScalar(value: unknown): unknown {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    return value;
  }
  const string = stringOf(value);
  return string === undefined ? `[${typeof value}]` : cutText(MAX_STRING, string);
}
