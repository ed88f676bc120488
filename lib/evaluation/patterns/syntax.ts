/** A pattern as a tree, independent of the engine that runs it. */
export type PatternNode =
  CharSet | Sequence | Choice | Repeat | Group | Look | Reference | PositionTest;

export interface CharSet {
  kind: 'set';
  negated: boolean;
  items: SetItem[];
  ignoreCase: boolean;
}

export type SetItem = CharRange | Property | 'non-word';

/** Code points, both ends included. */
export interface CharRange {
  from: number;
  to: number;
}

/** A Unicode property as the pattern spells it, e.g. `Script=Greek`. */
export interface Property {
  property: string;
  negated: boolean;
}

export interface Sequence {
  kind: 'sequence';
  parts: PatternNode[];
}

export interface Choice {
  kind: 'choice';
  options: PatternNode[];
}

export interface Repeat {
  kind: 'repeat';
  body: PatternNode;
  min: number;
  max: number;
  lazy: boolean;
}

/** A capturing group; others leave no trace in the tree. */
export interface Group {
  kind: 'group';
  index: number;
  body: PatternNode;
}

export interface Look {
  kind: 'look';
  ahead: boolean;
  negated: boolean;
  body: PatternNode;
}

/** A backreference. */
export interface Reference {
  kind: 'reference';
  group: number;
  ignoreCase: boolean;
}

export interface PositionTest {
  kind: 'position';
  at: 'start' | 'end' | 'lineStart' | 'lineEnd' | 'wordBoundary' | 'noWordBoundary';
}

/** The nodes directly inside a node. */
function childrenOf(node: PatternNode): readonly PatternNode[] {
  switch (node.kind) {
    case 'sequence':
      return node.parts;
    case 'choice':
      return node.options;
    case 'repeat':
    case 'group':
    case 'look':
      return [node.body];
    default:
      return [];
  }
}

/** All nodes of the tree, parents first. */
export function* nodesOf(node: PatternNode): Generator<PatternNode> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

/** Why no engine runs a pattern, as a clause that completes "the pattern cannot be used: …". */
export class UnusablePattern extends Error {}
