import { type Symbols, symbolsOf } from './alphabet.js';
import { tooLarge } from './pattern.messages.js';
import {
  type CharSet,
  nodesOf,
  type PatternNode,
  type Reference,
  type Repeat,
  UnusablePattern,
} from './syntax.js';

/**
 * Where the engine can arrive next without reading a character, and in how many ways: places that read a character
 * (their number), steps that read none (`STEP`), and look-arounds (see `lookKey`).
 */
export type Arrivals = Map<number, number>;

/** Everything the engine does besides reading a character and evaluating a look-around. */
export const STEP = -1;

/** Key of a look-around among arrivals. */
export function lookKey(look: number): number {
  return -2 - look;
}

/**
 * The paths that a backtracking engine has through a pattern. Conditions (positions, look-arounds, what a backreference
 * refers to) are taken to hold, so there are never fewer paths than the engine can take.
 */
export interface Automaton {
  /** Arrivals after each place; place 0 is the beginning, before any character. */
  readonly next: Arrivals[];
  /** What each place reads. */
  readonly reads: Symbols[];
  readonly looks: readonly Automaton[];
}

/** Bounds the time of the analysis. */
const MAX_PLACES = 600;
const MAX_NODES = 5_000;

/** A longer reference is taken for one of any length. */
const MAX_REFERENCE = 8;

/** A part of an automaton: the ways through it without reading, into it, and the places it ends at. */
interface Fragment {
  empty: number;
  readonly first: Arrivals;
  readonly last: Arrivals;
}

type GroupSet = ReadonlySet<number>;

const NO_GROUPS: GroupSet = new Set();

export function automatonOf(root: PatternNode): Automaton {
  const groups = new Map<number, PatternNode>();
  for (const node of nodesOf(root)) if (node.kind === 'group') groups.set(node.index, node.body);
  return new Builder({ groups, symbols: new Map(), nodes: 0 }, false).build(root, NO_GROUPS);
}

interface Shared {
  readonly groups: ReadonlyMap<number, PatternNode>;
  readonly symbols: Map<CharSet, Symbols>;
  nodes: number;
}

class Builder {
  private readonly next: Arrivals[] = [new Map()];
  private readonly reads: Symbols[] = [0n];
  private readonly looks: Automaton[] = [];
  private readonly lookNumbers = new Map<PatternNode, number>();
  /** Groups that have captured something when the engine arrives at the node that is built. */
  private captured: GroupSet = NO_GROUPS;

  constructor(
    private readonly shared: Shared,
    private readonly backward: boolean,
  ) {}

  build(root: PatternNode, captured: GroupSet): Automaton {
    this.captured = captured;
    const { first } = this.fragment(root);
    addAll(this.next[0]!, first, 1);
    return { next: this.next, reads: this.reads, looks: this.looks };
  }

  private fragment(node: PatternNode): Fragment {
    if (++this.shared.nodes > MAX_NODES) throw new UnusablePattern(tooLarge());
    switch (node.kind) {
      case 'set':
        return this.place(this.symbolsOf(node));
      case 'sequence':
        return this.inOrder(this.backward ? node.parts.toReversed() : node.parts);
      case 'choice':
        return this.choice(node.options);
      case 'repeat':
        return this.repeat(node);
      case 'group': {
        const body = this.sequence(step(), this.fragment(node.body));
        if (!this.backward) this.captured = new Set([...this.captured, node.index]);
        return body;
      }
      case 'look':
        return { empty: 1, first: new Map([[lookKey(this.look(node)), 1]]), last: new Map() };
      case 'reference':
        return this.reference(node);
      case 'position':
        return step();
    }
  }

  private place(symbols: Symbols): Fragment {
    const place = this.next.push(new Map()) - 1;
    if (place > MAX_PLACES) throw new UnusablePattern(tooLarge());
    this.reads.push(symbols);
    return { empty: 0, first: new Map([[place, 1]]), last: new Map([[place, 1]]) };
  }

  private inOrder(parts: readonly PatternNode[]): Fragment {
    let all: Fragment = step();
    for (const part of parts) all = this.sequence(all, this.fragment(part));
    return all;
  }

  private sequence(left: Fragment, right: Fragment): Fragment {
    this.link(left.last, right.first);
    addAll(left.first, right.first, left.empty);
    addAll(right.last, left.last, right.empty);
    return { empty: left.empty * right.empty, first: left.first, last: right.last };
  }

  private link(from: Arrivals, to: Arrivals): void {
    for (const [place, ways] of from) addAll(this.next[place]!, to, ways);
  }

  private choice(options: readonly PatternNode[]): Fragment {
    const before = this.captured;
    const all: Fragment = { ...step(), empty: 0 };
    for (const option of options) {
      this.captured = before;
      const { empty, first, last } = this.fragment(option);
      all.empty += empty;
      addAll(all.first, first, 1);
      addAll(all.last, last, 1);
    }
    this.captured = before;
    return all;
  }

  private repeat({ body, min, max }: Repeat): Fragment {
    // Each repetition begins with the groups in it unset.
    const own = new Set<number>();
    for (const node of nodesOf(body)) if (node.kind === 'group') own.add(node.index);
    const before = new Set([...this.captured].filter((group) => !own.has(group)));
    const copy = (): Fragment => {
      this.captured = before;
      return this.fragment(body);
    };
    let required = step();
    for (let count = 0; count < min; count++) required = this.sequence(required, copy());
    const after = min > 0 ? this.captured : before;
    const optional = max === Infinity ? this.star(copy()) : this.upTo(max - min, copy);
    this.captured = after;
    return this.sequence(required, optional);
  }

  private star(body: Fragment): Fragment {
    const { first, last } = withoutEmpty(body);
    bump(first, STEP, 1);
    this.link(last, first);
    return { empty: 1, first, last };
  }

  private upTo(count: number, copy: () => Fragment): Fragment {
    let all = step();
    for (let done = 0; done < count; done++) {
      const more = this.sequence(withoutEmpty(copy()), all);
      bump(more.first, STEP, 1);
      all = { ...more, empty: 1 };
    }
    return all;
  }

  private look(node: Extract<PatternNode, { kind: 'look' }>): number {
    const known = this.lookNumbers.get(node);
    if (known !== undefined) return known;
    const builder = new Builder(this.shared, !node.ahead);
    const look = this.looks.push(builder.build(node.body, this.captured)) - 1;
    this.lookNumbers.set(node, look);
    if (!node.negated && node.ahead) this.captured = builder.captured;
    return look;
  }

  private reference({ group }: Reference): Fragment {
    const body = this.shared.groups.get(group)!;
    const [min, max] = lengthOf(body);
    if (max === 0) return step();
    let symbols = 0n;
    for (const node of nodesOf(body)) {
      // What it refers to in turn may be longer than itself.
      if (node.kind === 'reference') symbols = -1n;
      if (node.kind === 'set') symbols |= this.symbolsOf(node);
    }
    if (max > MAX_REFERENCE) return this.star(this.place(symbols));
    let all = step();
    const required = this.captured.has(group) ? min : 0;
    for (let count = 0; count < required; count++) all = this.sequence(all, this.place(symbols));
    return this.sequence(
      all,
      this.upTo(max - required, () => this.place(symbols)),
    );
  }

  private symbolsOf(set: CharSet): Symbols {
    const known = this.shared.symbols.get(set);
    if (known !== undefined) return known;
    const symbols = symbolsOf(set);
    this.shared.symbols.set(set, symbols);
    return symbols;
  }
}

function step(): Fragment {
  return { empty: 1, first: new Map([[STEP, 1]]), last: new Map() };
}

/** A repetition that reads nothing fails. */
function withoutEmpty({ empty, first, last }: Fragment): Fragment {
  if (empty > 0) bump(first, STEP, empty);
  return { empty: 0, first, last };
}

function bump(arrivals: Arrivals, key: number, ways: number): void {
  arrivals.set(key, (arrivals.get(key) ?? 0) + ways);
}

function addAll(into: Arrivals, from: Arrivals, times: number): void {
  if (times === 0) return;
  for (const [key, ways] of from) bump(into, key, ways * times);
}

/** How many characters a part can match; a reference in it counts as one of any length. */
function lengthOf(node: PatternNode): [min: number, max: number] {
  switch (node.kind) {
    case 'set':
      return [1, 1];
    case 'sequence': {
      const lengths = node.parts.map((part) => lengthOf(part));
      return [sum(lengths.map(([min]) => min)), sum(lengths.map(([, max]) => max))];
    }
    case 'choice': {
      const lengths = node.options.map((option) => lengthOf(option));
      return [Math.min(...lengths.map(([min]) => min)), Math.max(...lengths.map(([, max]) => max))];
    }
    case 'repeat': {
      const [min, max] = lengthOf(node.body);
      return [min * node.min, max === 0 || node.max === 0 ? 0 : max * node.max];
    }
    case 'group':
      return lengthOf(node.body);
    case 'reference':
      return [0, Infinity];
    default:
      return [0, 0];
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
