import type { CharSet, PatternNode, PositionTest, SetItem } from './syntax.js';

/**
 * Writes a pattern in the linear engine's syntax, without capturing groups. A reversed pattern matches the reversed
 * string: its look-aheads become look-behinds, which the linear engine has.
 */
export function printLinear(node: PatternNode, reversed: boolean): string {
  const print = (inner: PatternNode): string => printLinear(inner, reversed);
  switch (node.kind) {
    case 'set':
      return printSet(node);
    case 'sequence': {
      const parts = node.parts.map(print);
      return (reversed ? parts.toReversed() : parts).join('');
    }
    case 'choice':
      return `(?:${node.options.map(print).join('|')})`;
    case 'repeat': {
      const max = node.max === Infinity ? '' : String(node.max);
      return `(?:${print(node.body)}){${node.min},${max}}`;
    }
    case 'group':
      return `(?:${print(node.body)})`;
    case 'look': {
      const behind = node.ahead === reversed ? '<' : '';
      return `(?${behind}${node.negated ? '!' : '='}${print(node.body)})`;
    }
    case 'position':
      return (reversed ? REVERSED_POSITIONS : POSITIONS)[node.at];
    case 'reference':
      throw new TypeError('The linear engine has no backreferences');
  }
}

const POSITIONS: Readonly<Record<PositionTest['at'], string>> = {
  start: String.raw`\A`,
  end: String.raw`\z`,
  lineStart: '(?m:^)',
  lineEnd: '(?m:$)',
  wordBoundary: String.raw`\b`,
  noWordBoundary: String.raw`\B`,
};

const REVERSED_POSITIONS: typeof POSITIONS = {
  ...POSITIONS,
  start: POSITIONS.end,
  end: POSITIONS.start,
  lineStart: POSITIONS.lineEnd,
  lineEnd: POSITIONS.lineStart,
};

function printSet({ negated, items, ignoreCase }: CharSet): string {
  // The syntax has no empty set.
  if (items.length === 0) return negated ? '(?s:.)' : '[^\\x00-\\x{10FFFF}]';
  const set = `[${negated ? '^' : ''}${items.map(printItem).join('')}]`;
  return ignoreCase ? `(?i:${set})` : set;
}

function printItem(item: SetItem): string {
  if (item === 'non-word') return String.raw`\W`;
  if ('from' in item) return `${printChar(item.from)}-${printChar(item.to)}`;
  return `\\${item.negated ? 'P' : 'p'}{${linearName(item.property)}}`;
}

function printChar(code: number): string {
  return `\\x{${code.toString(16)}}`;
}

/** JavaScript says which kind of property it means; RE2 knows scripts and general categories by name alone. */
function linearName(property: string): string {
  const name = property.replace(/^(?:Script|sc|General_Category|gc)=/, '');
  return CATEGORIES.get(name) ?? name;
}

/** The long names of the general categories, which RE2 knows by their short names. */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ['Letter', 'L'],
  ['Uppercase_Letter', 'Lu'],
  ['Lowercase_Letter', 'Ll'],
  ['Titlecase_Letter', 'Lt'],
  ['Modifier_Letter', 'Lm'],
  ['Other_Letter', 'Lo'],
  ['Mark', 'M'],
  ['Nonspacing_Mark', 'Mn'],
  ['Spacing_Mark', 'Mc'],
  ['Enclosing_Mark', 'Me'],
  ['Number', 'N'],
  ['Decimal_Number', 'Nd'],
  ['Letter_Number', 'Nl'],
  ['Other_Number', 'No'],
  ['Punctuation', 'P'],
  ['Connector_Punctuation', 'Pc'],
  ['Dash_Punctuation', 'Pd'],
  ['Open_Punctuation', 'Ps'],
  ['Close_Punctuation', 'Pe'],
  ['Initial_Punctuation', 'Pi'],
  ['Final_Punctuation', 'Pf'],
  ['Other_Punctuation', 'Po'],
  ['Symbol', 'S'],
  ['Math_Symbol', 'Sm'],
  ['Currency_Symbol', 'Sc'],
  ['Modifier_Symbol', 'Sk'],
  ['Other_Symbol', 'So'],
  ['Separator', 'Z'],
  ['Space_Separator', 'Zs'],
  ['Line_Separator', 'Zl'],
  ['Paragraph_Separator', 'Zp'],
  ['Control', 'Cc'],
  ['Format', 'Cf'],
  ['Surrogate', 'Cs'],
  ['Private_Use', 'Co'],
]);
