import { nodesOf, type PatternNode } from './syntax.js';

/**
 * Repeats the ends of a pattern no more often than they must be: whether a string contains a match is the same, and a
 * backtracking engine has less to try. `\w+@(?!x).*` becomes `\w@(?!x)`.
 *
 * @param captured groups whose captures the pattern needs; what contains one is left alone
 */
export function trimEnds(node: PatternNode, captured: ReadonlySet<number>): PatternNode {
  const inside = trimLooks(node, captured);
  return trimEnd(trimEnd(inside, 'first', captured), 'last', captured);
}

type End = 'first' | 'last';

/** A look-ahead may end early, a look-behind begin late. */
function trimLooks(node: PatternNode, captured: ReadonlySet<number>): PatternNode {
  const inside = (inner: PatternNode): PatternNode => trimLooks(inner, captured);
  switch (node.kind) {
    case 'sequence':
      return { ...node, parts: node.parts.map(inside) };
    case 'choice':
      return { ...node, options: node.options.map(inside) };
    case 'repeat':
    case 'group':
      return { ...node, body: inside(node.body) };
    case 'look':
      return {
        ...node,
        body: trimEnd(inside(node.body), node.ahead ? 'last' : 'first', captured),
      };
    default:
      return node;
  }
}

function trimEnd(node: PatternNode, end: End, captured: ReadonlySet<number>): PatternNode {
  if (captures(node, captured)) {
    // Another part of a sequence may still be free of captures, its end is not.
    return node.kind === 'sequence' ? trimSequence(node.parts, end, captured) : node;
  }
  switch (node.kind) {
    case 'sequence':
      return trimSequence(node.parts, end, captured);
    case 'choice':
      return { ...node, options: node.options.map((option) => trimEnd(option, end, captured)) };
    case 'group':
      return { ...node, body: trimEnd(node.body, end, captured) };
    case 'repeat':
      if (node.min === 0) return NOTHING;
      if (node.min === 1) return trimEnd(node.body, end, captured);
      return { ...node, max: node.min };
    default:
      return node;
  }
}

const NOTHING: PatternNode = { kind: 'sequence', parts: [] };

function trimSequence(
  parts: readonly PatternNode[],
  end: End,
  captured: ReadonlySet<number>,
): PatternNode {
  const left = [...parts];
  while (left.length > 0) {
    const index = end === 'first' ? 0 : left.length - 1;
    const part = left[index]!;
    if (captures(part, captured)) break;
    const trimmed = trimEnd(part, end, captured);
    if (trimmed !== NOTHING) {
      left[index] = trimmed;
      break;
    }
    left.splice(index, 1);
  }
  return left.length === 0 ? NOTHING : { kind: 'sequence', parts: left };
}

function captures(node: PatternNode, captured: ReadonlySet<number>): boolean {
  for (const inner of nodesOf(node)) {
    if (inner.kind === 'group' && captured.has(inner.index)) return true;
  }
  return false;
}
