import type { Contexts, ContextTier, Criterion } from '../model/index.js';
import { type Check, PROPERTY_CHECKS } from './checks.js';
import { finding } from './evaluation.messages.js';
import type { EvaluationHost } from './host.js';
import { contextNamed, isCurrentTime, ownProperty, propertyPath } from './property.js';
import { PropertyCheck } from './property-check.js';
import type { SegmentReference, SegmentRun } from './segment.js';
import { stringOf } from './string-form.js';
import { matchProblem } from './author-mistakes.js';

/**
 * One condition of a rule, compiled for tests. `test` takes contexts and segment run as plain arguments, so that a read
 * allocates nothing. The run caches segment results, for configs that need one.
 */
export abstract class CompiledCriterion {
  constructor(
    readonly source: Criterion,
    /** The complete test, if the criterion tests a property of the config's main context. */
    readonly inMain?: PropertyCheck,
  ) {}

  abstract test(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): boolean;

  get alwaysHolds(): boolean {
    return false;
  }

  /** Whether the test reads one context, or any contexts without a name, and nothing else. */
  readsOnly(_context?: string): boolean {
    return false;
  }

  /** Returns the value that the criterion tests, for traces. */
  testedValue(_call: Contexts | undefined, _base: ContextTier | undefined): unknown {
    return undefined;
  }
}

export class ConstantCriterion extends CompiledCriterion {
  constructor(
    source: Criterion,
    readonly result: boolean,
  ) {
    super(source);
  }

  override get alwaysHolds(): boolean {
    return this.result;
  }

  override readsOnly(): boolean {
    return true;
  }

  override test(): boolean {
    return this.result;
  }
}

class PropertyCriterion extends CompiledCriterion {
  constructor(
    source: Criterion,
    private readonly context: string,
    private readonly property: PropertyCheck,
    private readonly host: EvaluationHost,
    inMain: boolean,
  ) {
    super(source, inMain ? property : undefined);
  }

  override readsOnly(context = this.context): boolean {
    return this.context === context;
  }

  override test(call: Contexts | undefined, base: ContextTier | undefined): boolean {
    try {
      return this.property.holdsIn(contextNamed(this.context, call, base, this.host));
    } catch {
      // A getter or proxy in the context threw: the property counts as missing.
      return this.property.whenAbsent;
    }
  }

  override testedValue(call: Contexts | undefined, base: ContextTier | undefined): unknown {
    try {
      return ownProperty(contextNamed(this.context, call, base), this.property.name);
    } catch {
      return undefined;
    }
  }
}

class ClockCriterion extends CompiledCriterion {
  constructor(
    source: Criterion,
    private readonly check: Check,
    private readonly host: EvaluationHost,
  ) {
    super(source);
  }

  override test(): boolean {
    return this.check(this.host.now());
  }

  override testedValue(): unknown {
    return this.host.now();
  }
}

export class SegmentCriterion extends CompiledCriterion {
  constructor(
    source: Criterion,
    readonly segment: SegmentReference,
    private readonly expected: boolean,
  ) {
    super(source);
  }

  override test(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): boolean {
    return this.segment.contains(call, base, run) === this.expected;
  }
}

/** The position of a criterion, for messages. */
export interface CriterionPlace {
  readonly key: string;
  readonly place: string;
  /** Name of the config's main context. */
  readonly mainContext: string | undefined;
}

export function compileCriterion(
  criterion: Criterion,
  at: CriterionPlace,
  host: EvaluationHost,
  segmentNamed: (key: string) => SegmentReference,
): CompiledCriterion {
  const match = criterion.valueToMatch?.value;
  switch (criterion.operator) {
    case 'ALWAYS_TRUE':
      return new ConstantCriterion(criterion, true);
    case 'IN_SEG':
    case 'NOT_IN_SEG': {
      const expected = criterion.operator === 'IN_SEG';
      const key = stringOf(match);
      // A criterion without a segment: nothing is in it.
      if (key === undefined) return new ConstantCriterion(criterion, !expected);
      return new SegmentCriterion(criterion, segmentNamed(key), expected);
    }
  }
  const makeCheck = PROPERTY_CHECKS.get(criterion.operator);
  // An operator of a later protocol version never matches.
  if (makeCheck === undefined) return new ConstantCriterion(criterion, false);
  const check = makeCheck(match);
  const problem = matchProblem(criterion, check);
  if (problem !== undefined) host.warnOnce(finding(at.key, at.place, problem));
  if (isCurrentTime(criterion.propertyName)) return new ClockCriterion(criterion, check, host);
  const path = propertyPath(criterion.propertyName);
  const property = new PropertyCheck(path.property, check);
  const inMain = path.context === at.mainContext;
  return new PropertyCriterion(criterion, path.context, property, host, inMain);
}

/** Returns the context that a config's first property criterion tests. Most configs test only one context. */
export function mainContextOf(criteria: readonly Criterion[]): string | undefined {
  const first = criteria.find(
    ({ operator, propertyName }) => PROPERTY_CHECKS.has(operator) && !isCurrentTime(propertyName),
  );
  return first && propertyPath(first.propertyName).context;
}
