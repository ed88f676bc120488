import { invalidCodePoint, unknownEscape } from './pattern.messages.js';
import { type CharRange, type SetItem, UnusablePattern } from './syntax.js';

const MAX_CODE_POINT = 0x10ffff;

const range = (from: number, to = from): CharRange => ({ from, to });

/** Sets that a backslash and a letter name: ASCII, as in RE2. */
const NAMED_SETS: Readonly<Record<string, SetItem[]>> = {
  d: [range(0x30, 0x39)],
  D: [range(0, 0x2f), range(0x3a, MAX_CODE_POINT)],
  w: [range(0x30, 0x39), range(0x41, 0x5a), range(0x5f), range(0x61, 0x7a)],
  W: ['non-word'],
  s: [range(9, 10), range(12, 13), range(0x20)],
  S: [range(0, 8), range(11), range(14, 0x1f), range(0x21, MAX_CODE_POINT)],
};

const NAMED_CHARS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7 };

/** Names of `[[:name:]]`. */
export const POSIX_SETS: ReadonlyMap<string, readonly SetItem[]> = new Map([
  ['alnum', [range(0x30, 0x39), range(0x41, 0x5a), range(0x61, 0x7a)]],
  ['alpha', [range(0x41, 0x5a), range(0x61, 0x7a)]],
  ['ascii', [range(0, 0x7f)]],
  ['blank', [range(9), range(0x20)]],
  ['cntrl', [range(0, 0x1f), range(0x7f)]],
  ['digit', [range(0x30, 0x39)]],
  ['graph', [range(0x21, 0x7e)]],
  ['lower', [range(0x61, 0x7a)]],
  ['print', [range(0x20, 0x7e)]],
  ['punct', [range(0x21, 0x2f), range(0x3a, 0x40), range(0x5b, 0x60), range(0x7b, 0x7e)]],
  ['space', [range(9, 13), range(0x20)]],
  ['upper', [range(0x41, 0x5a)]],
  ['word', [range(0x30, 0x39), range(0x41, 0x5a), range(0x5f), range(0x61, 0x7a)]],
  ['xdigit', [range(0x30, 0x39), range(0x41, 0x46), range(0x61, 0x66)]],
]);

/** What an escape stands for and how many characters it takes. */
interface Escape {
  items: readonly SetItem[];
  length: number;
}

const CODE_POINT = /\\(?:u\{([\da-f]+)\}|x\{([\da-f]+)\}|x([\da-f]{2}))/iy;
const UTF_16 = /\\u([\da-f]{4})(?:\\u(d[c-f][\da-f]{2}))?/iy;
const CONTROL = /\\c([a-z])/iy;
const PROPERTY = /\\([pP])(?:\{(\^?)([\w=]+)\}|([LMNPSZC]))/y;
const NUL = /\\0(?!\d)/y;
const PUNCTUATION = /\\[^\da-z]/iuy;

/** Reads an escape for one character or for a set of characters. */
export function readEscape(pattern: string, at: number): Escape {
  const match = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    return expression.exec(pattern);
  };
  const letter = pattern[at + 1] ?? '';
  if (letter in NAMED_SETS) return { items: NAMED_SETS[letter]!, length: 2 };
  if (letter in NAMED_CHARS) return char(NAMED_CHARS[letter]!, 2);

  let found = match(CODE_POINT);
  if (found) return char(Number.parseInt(found[1] ?? found[2] ?? found[3]!, 16), found[0].length);
  found = match(UTF_16);
  if (found) {
    const unit = Number.parseInt(found[1]!, 16);
    // Only a high surrogate makes a pair.
    if (found[2] === undefined || unit < 0xd800 || unit > 0xdbff) return char(unit, 6);
    return char(0x10000 + (unit - 0xd800) * 0x400 + Number.parseInt(found[2], 16) - 0xdc00, 12);
  }
  found = match(CONTROL);
  if (found) return char(found[1]!.charCodeAt(0) % 32, 3);
  found = match(PROPERTY);
  if (found) {
    const negated = (found[1] === 'P') !== (found[2] === '^');
    return { items: [{ property: found[3] ?? found[4]!, negated }], length: found[0].length };
  }
  if (match(NUL)) return char(0, 2);
  found = match(PUNCTUATION);
  if (found) return char(found[0].codePointAt(1)!, found[0].length);
  throw new UnusablePattern(unknownEscape(`\\${letter}`));
}

function char(code: number, length: number): Escape {
  if (code > MAX_CODE_POINT) throw new UnusablePattern(invalidCodePoint());
  return { items: [range(code)], length };
}
