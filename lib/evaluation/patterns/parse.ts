import { POSIX_SETS, readEscape } from './escapes.js';
import {
  duplicateName,
  nothingToRepeat,
  possessiveQuantifier,
  tooDeep,
  unclosedGroup,
  unclosedSet,
  unexpectedEnd,
  unknownEscape,
  unknownGroupType,
  unknownReference,
  unknownSet,
  unmatchedParenthesis,
  wrongBounds,
} from './pattern.messages.js';
import {
  type CharRange,
  type CharSet,
  type PatternNode,
  type PositionTest,
  type Reference,
  type SetItem,
  UnusablePattern,
} from './syntax.js';

/** Nobody writes deeper groups, and the tree is walked by recursion. */
const MAX_DEPTH = 100;

const GROUP_NAME = /([\p{L}_$][\p{L}\d_$]*)>/uy;
const FLAGS = /\(\?([ims]*)(?:-([ims]+))?([:)])/y;
const BOUNDS = /\{(\d+)(,?)(\d*)\}/y;
const POSIX_SET = /\[:(\^?\w+):\]/y;

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/**
 * Parses the syntax that RE2 and JavaScript share, and of what is JavaScript's own look-around, backreferences and
 * escapes. A character outside the Basic Multilingual Plane is one character.
 *
 * @throws UnusablePattern for anything else
 */
export function parsePattern(pattern: string): PatternNode {
  return new Parser(pattern).parse();
}

class Parser {
  private at = 0;
  private depth = 0;
  private groups = 0;
  private flags: Flags = { i: false, m: false, s: false };
  private readonly names = new Map<string, number>();
  private readonly references: { node: Reference; name: string | undefined }[] = [];

  constructor(private readonly pattern: string) {}

  parse(): PatternNode {
    const root = this.choice();
    if (this.at < this.pattern.length) throw new UnusablePattern(unmatchedParenthesis());
    for (const { node, name } of this.references) {
      const group = name === undefined ? node.group : this.names.get(name);
      if (group === undefined || group > this.groups) throw new UnusablePattern(unknownReference());
      node.group = group;
    }
    return root;
  }

  /** Reads up to the end of the enclosing group. */
  private choice(): PatternNode {
    const options = [this.sequence()];
    while (this.skip('|')) options.push(this.sequence());
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.at < this.pattern.length && !this.sees('|') && !this.sees(')')) {
      const begin = this.at;
      const part = this.atom();
      if (part !== undefined) parts.push(this.quantified(part, begin));
    }
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  /** `undefined` for flags, which match nothing themselves. */
  private atom(): PatternNode | undefined {
    if (this.sees('(')) return this.group();
    if (this.skip('[')) return this.set();
    if (this.skip('^')) return position(this.flags.m ? 'lineStart' : 'start');
    if (this.skip('$')) return position(this.flags.m ? 'lineEnd' : 'end');
    if (this.skip('.')) return this.setOf(this.flags.s ? [] : [{ from: 10, to: 10 }], true);
    if (this.sees('\\')) return this.escape();
    if (this.sees('*') || this.sees('+') || this.sees('?')) {
      throw new UnusablePattern(nothingToRepeat());
    }
    return this.setOf([this.char()]);
  }

  private group(): PatternNode | undefined {
    const outer = this.flags;
    const flags = this.match(FLAGS);
    if (flags) {
      const [, on = '', off = '', end] = flags;
      const flag = (name: 'i' | 'm' | 's') =>
        (outer[name] || on.includes(name)) && !off.includes(name);
      this.flags = { i: flag('i'), m: flag('m'), s: flag('s') };
      if (end === ')') return undefined;
      return this.inside(outer);
    }
    if (this.skip('(?=')) return this.look(true, false);
    if (this.skip('(?!')) return this.look(true, true);
    if (this.skip('(?<=')) return this.look(false, false);
    if (this.skip('(?<!')) return this.look(false, true);
    if (this.skip('(?P=')) return this.namedReference(')');
    const index = this.groups + 1;
    if (this.skip('(?<') || this.skip('(?P<')) {
      const [, name] = this.match(GROUP_NAME) ?? [];
      if (name === undefined) throw new UnusablePattern(unknownGroupType('(?<'));
      if (this.names.has(name)) throw new UnusablePattern(duplicateName());
      this.names.set(name, index);
    } else if (this.pattern.startsWith('(?', this.at)) {
      throw new UnusablePattern(unknownGroupType(this.pattern.slice(this.at, this.at + 3)));
    } else {
      this.skip('(');
    }
    this.groups = index;
    return { kind: 'group', index, body: this.inside(outer) };
  }

  private look(ahead: boolean, negated: boolean): PatternNode {
    return { kind: 'look', ahead, negated, body: this.inside(this.flags) };
  }

  /** Reads the rest of a group; flags that are set in it end with it. */
  private inside(outer: Flags): PatternNode {
    if (++this.depth > MAX_DEPTH) throw new UnusablePattern(tooDeep());
    const body = this.choice();
    if (!this.skip(')')) throw new UnusablePattern(unclosedGroup());
    this.depth--;
    this.flags = outer;
    return body;
  }

  /** Nothing repeats a position or a look-around, unless there is a group around it. */
  private quantified(body: PatternNode, begin: number): PatternNode {
    const bounds = this.bounds();
    if (bounds === undefined) return body;
    if ((body.kind === 'position' || body.kind === 'look') && !this.isGroup(begin)) {
      throw new UnusablePattern(nothingToRepeat());
    }
    const [min, max] = bounds;
    if (max < min) throw new UnusablePattern(wrongBounds());
    const lazy = this.skip('?');
    if (this.sees('+')) throw new UnusablePattern(possessiveQuantifier());
    if (this.bounds() !== undefined) throw new UnusablePattern(nothingToRepeat());
    return { kind: 'repeat', body, min, max, lazy };
  }

  private isGroup(begin: number): boolean {
    FLAGS.lastIndex = begin;
    return FLAGS.test(this.pattern);
  }

  /** A `{` that begins no bounds is a character, in RE2 and in JavaScript. */
  private bounds(): [min: number, max: number] | undefined {
    if (this.skip('*')) return [0, Infinity];
    if (this.skip('+')) return [1, Infinity];
    if (this.skip('?')) return [0, 1];
    const found = this.match(BOUNDS);
    if (!found) return undefined;
    const [, min, comma, max] = found;
    if (comma === '') return [Number(min), Number(min)];
    return [Number(min), max === '' ? Infinity : Number(max)];
  }

  private escape(): PatternNode {
    const letter = this.pattern[this.at + 1];
    if (letter === undefined) throw new UnusablePattern(unexpectedEnd());
    const test = POSITION_ESCAPES[letter];
    if (test !== undefined) {
      this.at += 2;
      return position(test);
    }
    const number = this.match(/\\([1-9]\d*)/y);
    if (number) return this.reference(Number(number[1]));
    if (letter === 'k') {
      if (!this.skip(String.raw`\k<`)) throw new UnusablePattern(unknownEscape(String.raw`\k`));
      return this.namedReference('>');
    }
    return this.setOf(this.escapedItems());
  }

  private namedReference(end: string): Reference {
    const close = this.pattern.indexOf(end, this.at);
    if (close < 0) throw new UnusablePattern(unexpectedEnd());
    const name = this.pattern.slice(this.at, close);
    this.at = close + 1;
    return this.reference(0, name);
  }

  private reference(group: number, name?: string): Reference {
    const node: Reference = { kind: 'reference', group, ignoreCase: this.flags.i };
    this.references.push({ node, name });
    return node;
  }

  /** Reads a set after its `[`; as in JavaScript, `[]` matches nothing and `[^]` everything. */
  private set(): CharSet {
    const negated = this.skip('^');
    const items: SetItem[] = [];
    while (!this.skip(']')) {
      if (this.at >= this.pattern.length) throw new UnusablePattern(unclosedSet());
      items.push(...this.setItems());
    }
    return this.setOf(items, negated);
  }

  private setItems(): readonly SetItem[] {
    const posix = this.match(POSIX_SET);
    if (posix) {
      const items = POSIX_SETS.get(posix[1]!);
      if (items === undefined) throw new UnusablePattern(unknownSet());
      return items;
    }
    const first = this.setItem();
    if (!this.sees('-') || this.pattern[this.at + 1] === ']') return first;
    const [from] = first;
    // After a set, as in [\w-.], the hyphen stands for itself.
    if (!isChar(from)) return first;
    this.at++;
    const last = this.setItem();
    const [to] = last;
    if (!isChar(to)) return [from, { from: 0x2d, to: 0x2d }, ...last];
    if (to.to < from.from) throw new UnusablePattern(wrongBounds());
    return [{ from: from.from, to: to.to }];
  }

  private setItem(): readonly SetItem[] {
    if (this.skip(String.raw`\b`)) return [{ from: 8, to: 8 }];
    return this.sees('\\') ? this.escapedItems() : [this.char()];
  }

  private escapedItems(): readonly SetItem[] {
    if (this.at + 1 >= this.pattern.length) throw new UnusablePattern(unexpectedEnd());
    const { items, length } = readEscape(this.pattern, this.at);
    this.at += length;
    return items;
  }

  private char(): CharRange {
    const code = this.pattern.codePointAt(this.at);
    if (code === undefined) throw new UnusablePattern(unclosedSet());
    this.at += code > 0xffff ? 2 : 1;
    return { from: code, to: code };
  }

  private setOf(items: readonly SetItem[], negated = false): CharSet {
    return { kind: 'set', negated, items: [...items], ignoreCase: this.flags.i };
  }

  private sees(token: string): boolean {
    return this.pattern.startsWith(token, this.at);
  }

  private skip(token: string): boolean {
    if (!this.sees(token)) return false;
    this.at += token.length;
    return true;
  }

  private match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.at;
    const found = expression.exec(this.pattern);
    if (found) this.at += found[0].length;
    return found;
  }
}

const POSITION_ESCAPES: Readonly<Record<string, PositionTest['at']>> = {
  A: 'start',
  z: 'end',
  b: 'wordBoundary',
  B: 'noWordBoundary',
};

function position(at: PositionTest['at']): PositionTest {
  return { kind: 'position', at };
}

function isChar(item: SetItem | undefined): item is CharRange {
  return typeof item === 'object' && 'from' in item && item.from === item.to;
}
