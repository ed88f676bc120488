import type { Contexts, ContextTier } from '../model/index.js';

/** A segment, or the config at the root of an evaluation, as this file needs it. */
export interface Segment {
  /** Whether the segment is true for these contexts, by its default rules. */
  matchesAsSegment(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): boolean;
  segmentsOfDefaultRules(): Segment[];
  segmentsOfAllRules(): Segment[];
}

/** A criterion's reference to a segment, looked up in the snapshot on first use. */
export class SegmentReference {
  private resolved = false;
  private config: Segment | undefined;

  constructor(
    readonly key: string,
    private readonly find: (key: string) => Segment | undefined,
  ) {}

  get target(): Segment | undefined {
    if (!this.resolved) {
      this.config = this.find(this.key);
      this.resolved = true;
    }
    return this.config;
  }

  /** Whether the segment exists and is true. */
  contains(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    run: SegmentRun | undefined,
  ): boolean {
    const segment = this.target;
    if (segment === undefined) return false;
    return run === undefined
      ? segment.matchesAsSegment(call, base, undefined)
      : run.contains(segment, call, base);
  }
}

/** The dependency structure of the segments that a config reaches. */
export interface SegmentPlan {
  /** The segments that reach no cycle, each one after all segments it refers to. */
  readonly acyclic: ReadonlySet<Segment>;
  /** Whether references are nested so deeply that evaluating from the root could overflow the stack. */
  readonly deep: boolean;
}

const MAX_DEPTH = 50;
/** Bounds on the evaluation of cyclic segments. */
const MAX_PATH = 100;
const MAX_CYCLIC_STEPS = 1_000;

/**
 * Analyzes the segments that a config reaches. Returns `undefined` if plain recursion suffices: no segment is reached twice
 * and none is deeply nested. The analysis itself is iterative, because the graph comes from outside.
 */
export function planSegments(root: Segment): SegmentPlan | undefined {
  const referrers = new Map<Segment, Segment[]>();
  const openReferences = new Map<Segment, number>();
  const direct = root.segmentsOfAllRules();
  const discovered = new Set(direct);
  let shared = discovered.size < direct.length;
  for (const segment of discovered) {
    const references = segment.segmentsOfDefaultRules();
    openReferences.set(segment, references.length);
    for (const reference of references) {
      if (discovered.has(reference)) shared = true;
      discovered.add(reference);
      const known = referrers.get(reference);
      if (known === undefined) referrers.set(reference, [segment]);
      else known.push(segment);
    }
  }

  if (discovered.has(root)) shared = true;

  // Repeatedly remove segments without remaining references. Those left over reach a cycle.
  const acyclic = new Set<Segment>();
  const depth = new Map<Segment, number>();
  let deepest = 0;
  for (const [segment, open] of openReferences) if (open === 0) acyclic.add(segment);
  for (const segment of acyclic) {
    const own = depth.get(segment) ?? 1;
    deepest = Math.max(deepest, own);
    for (const referrer of referrers.get(segment) ?? []) {
      depth.set(referrer, Math.max(depth.get(referrer) ?? 1, own + 1));
      const open = openReferences.get(referrer)! - 1;
      openReferences.set(referrer, open);
      if (open === 0) acyclic.add(referrer);
    }
  }

  const deep = deepest > MAX_DEPTH;
  return shared || deep ? { acyclic, deep } : undefined;
}

/**
 * One evaluation of a config with shared, deep or cyclic segments. A segment that reaches no cycle is evaluated at most
 * once. A segment that is already being evaluated counts as missing.
 */
export class SegmentRun {
  private readonly results = new Map<Segment, boolean>();
  private readonly path = new Set<Segment>();
  private cyclicSteps = 0;

  constructor(
    private readonly plan: SegmentPlan,
    root: Segment,
  ) {
    this.path.add(root);
  }

  /** Evaluates deeply nested segments from the bottom up, so that no evaluation recurses deeper than one segment. */
  prepare(call: Contexts | undefined, base: ContextTier | undefined): void {
    if (!this.plan.deep) return;
    for (const segment of this.plan.acyclic) this.contains(segment, call, base);
  }

  contains(segment: Segment, call: Contexts | undefined, base: ContextTier | undefined): boolean {
    if (this.path.has(segment)) return false;
    const known = this.results.get(segment);
    if (known !== undefined) return known;
    if (!this.plan.acyclic.has(segment)) return this.containsOnPath(segment, call, base);
    const result = segment.matchesAsSegment(call, base, this);
    this.results.set(segment, result);
    return result;
  }

  /** Runs an action with a segment on the path, for traces. */
  inside(segment: Segment, act: () => void): void {
    const entered = !this.path.has(segment);
    this.path.add(segment);
    act();
    if (entered) this.path.delete(segment);
  }

  /** The result of a segment that reaches a cycle depends on the path to it, so it cannot be cached. */
  private containsOnPath(
    segment: Segment,
    call: Contexts | undefined,
    base: ContextTier | undefined,
  ): boolean {
    if (this.path.size >= MAX_PATH || ++this.cyclicSteps > MAX_CYCLIC_STEPS) return false;
    this.path.add(segment);
    try {
      return segment.matchesAsSegment(call, base, this);
    } finally {
      this.path.delete(segment);
    }
  }
}
