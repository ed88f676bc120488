import { unknownProperty } from './pattern.messages.js';
import {
  type CharSet,
  nodesOf,
  type PatternNode,
  type PositionTest,
  type SetItem,
  UnusablePattern,
} from './syntax.js';

/**
 * Writes a pattern for `RegExp` with the flag `u`, so that it means the same there as in the linear engine. Only groups
 * that the pattern refers to capture.
 */
export function printPlatform(root: PatternNode): string {
  const used = referencedGroups(root);
  // Groups keep their order: the tree is walked as the pattern is written.
  const numbers = new Map<number, number>();
  for (const node of nodesOf(root)) {
    if (node.kind === 'group' && used.has(node.index)) numbers.set(node.index, numbers.size + 1);
  }
  const print = (node: PatternNode): string => {
    switch (node.kind) {
      case 'set':
        return printPlatformSet(node);
      case 'sequence':
        return node.parts.map(print).join('');
      case 'choice':
        return `(?:${node.options.map(print).join('|')})`;
      case 'repeat': {
        const max = node.max === Infinity ? '' : String(node.max);
        return `(?:${print(node.body)}){${node.min},${max}}${node.lazy ? '?' : ''}`;
      }
      case 'group':
        return numbers.has(node.index) ? `(${print(node.body)})` : `(?:${print(node.body)})`;
      case 'look':
        return `(?${node.ahead ? '' : '<'}${node.negated ? '!' : '='}${print(node.body)})`;
      case 'position':
        return POSITIONS[node.at];
      case 'reference':
        return `(?:\\${numbers.get(node.group)!})`;
    }
  };
  return print(root);
}

/** The groups whose captures the pattern needs. */
export function referencedGroups(root: PatternNode): ReadonlySet<number> {
  const groups = new Set<number>();
  for (const node of nodesOf(root)) if (node.kind === 'reference') groups.add(node.group);
  return groups;
}

export function printPlatformSet({ negated, items }: CharSet): string {
  const [only] = items;
  if (!negated && items.length === 1 && typeof only === 'object' && 'from' in only) {
    if (only.from === only.to) return printChar(only.from);
  }
  return `[${negated ? '^' : ''}${items.map(printItem).join('')}]`;
}

/** Lines end at `\n` alone, as in the linear engine. */
const POSITIONS: Readonly<Record<PositionTest['at'], string>> = {
  start: '^',
  end: '$',
  lineStart: String.raw`(?<![^\n])`,
  lineEnd: String.raw`(?![^\n])`,
  wordBoundary: String.raw`\b`,
  noWordBoundary: String.raw`\B`,
};

function printItem(item: SetItem): string {
  if (item === 'non-word') return String.raw`\W`;
  if ('from' in item) {
    return item.from === item.to
      ? printChar(item.from)
      : `${printChar(item.from)}-${printChar(item.to)}`;
  }
  return `\\${item.negated ? 'P' : 'p'}{${platformName(item.property)}}`;
}

function printChar(code: number): string {
  const char = String.fromCodePoint(code);
  return /[\da-z]/i.test(char) ? char : `\\u{${code.toString(16)}}`;
}

/** RE2 names a script without saying that it is one. */
function platformName(property: string): string {
  const name = [property, `Script=${property}`].find(isProperty);
  if (name === undefined) throw new UnusablePattern(unknownProperty());
  return name;
}

function isProperty(name: string): boolean {
  try {
    return new RegExp(String.raw`\p{${name}}`, 'u').unicode;
  } catch {
    return false;
  }
}
