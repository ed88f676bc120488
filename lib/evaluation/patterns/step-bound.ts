import { SYMBOLS, type Symbols } from './alphabet.js';
import { type Arrivals, type Automaton, automatonOf, lookKey, STEP } from './automaton.js';
import type { PatternNode } from './syntax.js';

/** Lengths of strings for which the steps are bounded, shortest first. */
const LENGTHS = [128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536];

/** Steps the platform's engine does in a few milliseconds. */
const MAX_STEPS = 1_000_000;

/** Bounds the time of the analysis itself. */
const MAX_STATES = 400;
const MAX_WORK = 2_000_000;

/**
 * Returns the length up to which a backtracking search for the pattern takes a bounded number of steps, whatever the
 * string; `undefined` if there is no such length.
 *
 * It counts the paths the engine can take: for each number of characters read and each set of places that some string
 * leads to, how many paths lead to each place at most. Every path counts, as if none led to a match.
 */
export function longestSafeLength(root: PatternNode): number | undefined {
  const anchored = isAnchored(root);
  const extent = anchored ? 'once' : 'everywhere';
  const steps = stepsOf(automatonOf(root), extent, { work: MAX_WORK });
  return LENGTHS.findLast((length, index) => (anchored ? length : 0) + steps[index]! <= MAX_STEPS);
}

/**
 * Steps for strings of each of the lengths: of a search that begins `once`, with that much of the string left, or
 * `everywhere`, at one position after the other.
 */
function stepsOf(
  automaton: Automaton,
  extent: 'once' | 'everywhere',
  budget: { work: number },
): number[] {
  const looks = automaton.looks.map((look) => stepsOf(look, 'once', budget));
  const walk = new Walk(automaton, budget);
  // Of steps, then of each look-around: sums over the characters read so far, and sums of these sums.
  const sums = walk.counts.map(() => ({ once: 0, everywhere: 0 }));
  const steps = LENGTHS.map(() => Infinity);
  let length = -1;
  for (const [index, target] of LENGTHS.entries()) {
    while (length < target) {
      const more = walk.settled ? target - length : 1;
      length += more;
      sums.forEach((sum, count) => add(sum, walk.counts[count]!, more));
      if (sums[0]![extent] > MAX_STEPS || !walk.advance()) return steps;
    }
    steps[index] = sums.reduce(
      (total, sum, count) =>
        total + (count === 0 ? sum[extent] : product(sum[extent], looks[count - 1]![index]!)),
      0,
    );
  }
  return steps;
}

/** Adds the same value several times. */
function add(sum: { once: number; everywhere: number }, value: number, times: number): void {
  sum.everywhere += times * sum.once + (value * times * (times + 1)) / 2;
  sum.once += times * value;
}

/** A look-around that is never reached costs nothing, whatever it would cost. */
function product(times: number, steps: number): number {
  return times === 0 ? 0 : times * steps;
}

/** Places that the same string leads to. */
interface State {
  readonly places: readonly number[];
  /** What comes next, and from which of the places in how many ways. */
  readonly arrivals: readonly number[];
  readonly edges: readonly (readonly [from: number, to: number, ways: number])[];
  /** Where the next character can lead; made when first needed. */
  targets?: readonly { state: State; arrivals: readonly number[] }[];
}

/** For each state, the most paths that lead to each of its places. */
type Level = Map<State, Float64Array>;

/** Reads one character after the other and counts what the engine does meanwhile. */
class Walk {
  /** Steps, then evaluations of each look-around, at the current position at most. */
  counts: number[] = [];
  /** Whether further characters change nothing. */
  settled = false;
  private level: Level;
  private read = 0;
  private readonly states = new Map<string, State>();
  private readonly classes: readonly Symbols[];

  constructor(
    private readonly automaton: Automaton,
    private readonly budget: { work: number },
  ) {
    this.classes = classesOf(automaton.reads);
    this.level = new Map([[this.stateOf([0]), Float64Array.of(1)]]);
    this.count();
  }

  /** Reads one more character; false when the analysis takes too long. */
  advance(): boolean {
    if (this.settled) return true;
    const next: Level = new Map();
    for (const [state, paths] of this.level) {
      const arrivals = arrivalsOf(state, paths);
      for (const target of this.targetsOf(state)) {
        merge(
          next,
          target.state,
          target.arrivals.map((arrival) => arrivals[arrival]!),
        );
        this.budget.work -= target.arrivals.length;
      }
      this.budget.work -= state.edges.length + 10;
    }
    if (this.budget.work < 0 || this.states.size > MAX_STATES) return false;
    this.read++;
    // A pattern without loops has ended by now; with loops, the counts may settle.
    if (this.read > this.automaton.reads.length) {
      for (const [state, paths] of this.level) merge(next, state, [...paths]);
      this.settled = same(this.level, next);
    }
    this.level = next;
    this.count();
    if (next.size === 0) this.settled = true;
    return true;
  }

  private count(): void {
    const counts = [0, ...this.automaton.looks.map(() => 0)];
    for (const [state, paths] of this.level) {
      const own = counts.map(() => 0);
      for (const [index, ways] of arrivalsOf(state, paths).entries()) {
        const key = state.arrivals[index]!;
        const look = key < STEP ? lookKey(0) - key + 1 : 0;
        own[look]! += ways;
        if (look > 0) own[0]! += ways;
      }
      own.forEach((ways, count) => (counts[count] = Math.max(counts[count]!, ways)));
    }
    this.counts = counts;
  }

  private stateOf(places: readonly number[]): State {
    const key = places.join();
    const known = this.states.get(key);
    if (known !== undefined) return known;
    const arrivals = new Map<number, number>();
    const edges: [number, number, number][] = [];
    for (const [from, place] of places.entries()) {
      for (const [arrival, ways] of this.automaton.next[place] as Arrivals) {
        let to = arrivals.get(arrival);
        if (to === undefined) arrivals.set(arrival, (to = arrivals.size));
        edges.push([from, to, ways]);
      }
    }
    const state: State = { places, arrivals: [...arrivals.keys()], edges };
    this.states.set(key, state);
    return state;
  }

  private targetsOf(state: State): NonNullable<State['targets']> {
    if (state.targets !== undefined) return state.targets;
    const targets = new Map<State, readonly number[]>();
    for (const symbol of this.classes) {
      const arrivals = [...state.arrivals.keys()]
        .filter((index) => {
          const place = state.arrivals[index]!;
          return place > 0 && (this.automaton.reads[place]! & symbol) !== 0n;
        })
        .sort((left, right) => state.arrivals[left]! - state.arrivals[right]!);
      if (arrivals.length === 0) continue;
      targets.set(this.stateOf(arrivals.map((index) => state.arrivals[index]!)), arrivals);
    }
    this.budget.work -= this.classes.length * state.arrivals.length;
    state.targets = [...targets].map(([target, arrivals]) => ({ state: target, arrivals }));
    return state.targets;
  }
}

function arrivalsOf(state: State, paths: Float64Array): Float64Array {
  const arrivals = new Float64Array(state.arrivals.length);
  for (const [from, to, ways] of state.edges) arrivals[to]! += paths[from]! * ways;
  return arrivals;
}

function merge(level: Level, state: State, paths: readonly number[]): void {
  const known = level.get(state);
  if (known === undefined) level.set(state, Float64Array.from(paths));
  else paths.forEach((ways, index) => (known[index] = Math.max(known[index]!, ways)));
}

function same(left: Level, right: Level): boolean {
  if (left.size !== right.size) return false;
  for (const [state, paths] of right) {
    const other = left.get(state);
    if (other === undefined || paths.some((ways, index) => ways !== other[index])) return false;
  }
  return true;
}

/** One symbol for each class of symbols that all places treat alike. */
function classesOf(reads: readonly Symbols[]): Symbols[] {
  const sets = [...new Set(reads)];
  const classes = new Map<string, Symbols>();
  for (const symbol of SYMBOLS) {
    classes.set(sets.map((set) => ((set & symbol) === 0n ? 0 : 1)).join(''), symbol);
  }
  return [...classes.values()];
}

/** Whether a match can only begin at the beginning of the string: elsewhere the engine takes one step. */
function isAnchored(node: PatternNode): boolean {
  switch (node.kind) {
    case 'position':
      return node.at === 'start';
    case 'sequence':
      return node.parts.length > 0 && isAnchored(node.parts[0]!);
    case 'choice':
      return node.options.every(isAnchored);
    case 'group':
      return isAnchored(node.body);
    case 'repeat':
      return node.min > 0 && isAnchored(node.body);
    default:
      return false;
  }
}
