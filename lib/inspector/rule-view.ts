import type { Config, CriterionTrace, QuonfigService, RuleTrace } from '../index.js';
import { clauseOf, percent, sentenceOf, valueText } from './sentences.js';
import {
  type CompleteRule,
  hiddenOf,
  rulesOf,
  shownStored,
  type ShownValue,
  splitProperty,
  weightedEntries,
} from './shown-value.js';

/** Whether a rule decided, was tried before, or was not needed. `shadowed`: no context ever reaches it. */
export type RuleStatus = 'matched' | 'not matched' | 'not reached' | 'shadowed';

export interface RuleView {
  readonly list: 'environment' | 'default';
  readonly ruleIndex: number;
  readonly sentence: string;
  readonly status: RuleStatus;
  readonly conditions: readonly ConditionView[];
  readonly value?: ShownValue;
  readonly split?: SplitView;
}

export interface ConditionView {
  readonly text: string;
  readonly property?: string;
  /** Absent if the condition was not needed. */
  readonly result?: boolean;
  readonly reason?: string;
  /** The value of the property as JSON. */
  readonly seen?: string;
  /** Which engine runs the pattern. */
  readonly engine?: string;
  readonly segment?: SegmentView;
}

export interface SegmentView {
  readonly key: string;
  readonly found: boolean;
  /** Absent if the segment appears before in the same trace. */
  readonly rules?: readonly RuleView[];
}

export interface SplitView {
  /** Absent if the pick is random. */
  readonly by?: string;
  /** The value of that property as JSON; absent if it is missing. */
  readonly seen?: string;
  /** Where the context falls on the bar, 0 to 1; absent if the rule did not match, or the pick is random. */
  readonly position?: number;
  readonly variants: readonly VariantView[];
}

export interface VariantView {
  readonly value: ShownValue;
  readonly text: string;
  /** Of the whole, 0 to 1. */
  readonly share: number;
  readonly percent: string;
  readonly picked: boolean;
}

/** Joins the rules of configs with what a trace says about them. */
export class RuleViews {
  constructor(
    private readonly quonfig: Pick<QuonfigService, 'rawConfig'>,
    private readonly decrypting: ReadonlySet<string>,
  ) {}

  /** The rules of a config that a read can reach, in order of precedence. */
  of(config: Config | undefined, environment: string, traced: readonly RuleTrace[]): RuleView[] {
    // Rules of another environment never apply.
    const applies = environment !== '' && config?.environment?.id === environment;
    const own = applies ? rulesOf(config, 'environment') : [];
    return this.viewsOf(config, { environment: own, default: rulesOf(config, 'default') }, traced);
  }

  private viewsOf(
    config: Config | undefined,
    lists: Readonly<Record<RuleTrace['list'], readonly CompleteRule[]>>,
    traced: readonly RuleTrace[],
  ): RuleView[] {
    const decrypts = config !== undefined && this.decrypting.has(config.key);
    const all = [...lists.environment, ...lists.default];
    const first = all.findIndex(({ criteria }) => criteria.every(isAlways));
    return all.map((rule, position): RuleView => {
      const inEnvironment = position < lists.environment.length;
      const list = inEnvironment ? 'environment' : 'default';
      const ruleIndex = inEnvironment ? position : position - lists.environment.length;
      const trace = traced.find((one) => one.list === list && one.ruleIndex === ruleIndex);
      const shadowed = first !== -1 && position > first;
      const split = splitView(rule, trace, decrypts);
      return {
        list,
        ruleIndex,
        sentence: sentenceOf(rule, position > 0 && position === first, decrypts),
        status: statusOf(trace, shadowed),
        conditions: this.conditionsOf(rule, trace),
        ...(split === undefined ? { value: shownStored(rule.value, decrypts) } : { split }),
      };
    });
  }

  /** The sentence says what always holds. */
  private conditionsOf({ criteria }: CompleteRule, trace: RuleTrace | undefined): ConditionView[] {
    return criteria.flatMap((criterion, at) => {
      const { propertyName } = criterion;
      if (isAlways(criterion)) return [];
      return {
        text: clauseOf(criterion),
        ...(propertyName !== undefined && { property: propertyName }),
        ...this.tested(trace?.criteria[at], hiddenOf(criterion.valueToMatch, false) !== undefined),
      };
    });
  }

  private tested(trace: CriterionTrace | undefined, isHidden: boolean): Partial<ConditionView> {
    if (trace === undefined) return {};
    const { result, reason, pattern, segment } = trace;
    return {
      result,
      reason,
      ...seenOf(trace),
      // What is wrong with a pattern quotes it.
      ...(pattern && { engine: (isHidden ? undefined : pattern.problem) ?? pattern.engine }),
      ...(segment && {
        segment: {
          key: segment.key,
          found: segment.found,
          ...(segment.rules && { rules: this.segmentRules(segment.key, segment.rules) }),
        },
      }),
    };
  }

  /** Segments have no environment rules. */
  private segmentRules(key: string, traced: readonly RuleTrace[]): RuleView[] {
    const config = this.quonfig.rawConfig(key);
    return this.viewsOf(config, { environment: [], default: rulesOf(config, 'default') }, traced);
  }
}

export function isAlways({ operator }: { operator: string }): boolean {
  return operator === 'ALWAYS_TRUE';
}

function statusOf(trace: RuleTrace | undefined, shadowed: boolean): RuleStatus {
  if (shadowed) return 'shadowed';
  if (trace === undefined) return 'not reached';
  return trace.matched ? 'matched' : 'not matched';
}

function splitView(
  { value }: CompleteRule,
  trace: RuleTrace | undefined,
  decrypts: boolean,
): SplitView | undefined {
  const entries = weightedEntries(value);
  if (entries === undefined) return undefined;
  const by = splitProperty(value);
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  const { fraction, bucket } = trace?.weight ?? {};
  return {
    ...(by !== undefined && { by }),
    ...seenOf(trace?.weight ?? {}),
    ...(by !== undefined && fraction !== undefined && { position: fraction }),
    variants: entries.map((entry, index) => {
      const shown = shownStored(entry.value, decrypts);
      return {
        value: shown,
        text: valueText(shown),
        share: total > 0 ? entry.weight / total : 0,
        percent: percent(entry.weight, total),
        picked: index === bucket,
      };
    }),
  };
}

function seenOf({ seen }: { seen?: unknown }): { seen?: string } {
  return seen === undefined ? {} : { seen: JSON.stringify(seen) };
}
