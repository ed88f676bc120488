/** The kinds of nodes that commands look for, by their names in TypeScript. */
const KINDS = [
  'ArrayLiteralExpression',
  'ArrowFunction',
  'AsExpression',
  'AwaitExpression',
  'BinaryExpression',
  'CallExpression',
  'ClassDeclaration',
  'ClassExpression',
  'ConditionalExpression',
  'Constructor',
  'Decorator',
  'ElementAccessExpression',
  'EnumDeclaration',
  'ExportDeclaration',
  'FunctionDeclaration',
  'FunctionExpression',
  'GetAccessor',
  'Identifier',
  'ImportDeclaration',
  'MethodDeclaration',
  'NamedImports',
  'NamespaceImport',
  'NonNullExpression',
  'NoSubstitutionTemplateLiteral',
  'ObjectLiteralExpression',
  'Parameter',
  'ParenthesizedExpression',
  'PlusToken',
  'PropertyAccessExpression',
  'PropertyAssignment',
  'PropertyDeclaration',
  'SatisfiesExpression',
  'SetAccessor',
  'StaticKeyword',
  'StringLiteral',
  'TemplateExpression',
  'ThisKeyword',
  'TypeReference',
  'VariableDeclaration',
] as const;

export type KindName = (typeof KINDS)[number];

/** A node of a syntax tree, as far as TypeScript 5 and 7 agree. Which properties exist depends on its kind. */
export interface Node {
  readonly kind: number;
  readonly end: number;
  forEachChild(visit: (node: Node) => void): unknown;
  getStart(root: Node): number;
  readonly text?: string;
  readonly name?: Node;
  readonly propertyName?: Node;
  readonly expression?: Node;
  readonly argumentExpression?: Node;
  readonly arguments?: readonly Node[];
  readonly typeArguments?: readonly Node[];
  readonly elements?: readonly Node[];
  readonly properties?: readonly Node[];
  readonly members?: readonly Node[];
  readonly parameters?: readonly Node[];
  readonly modifiers?: readonly Node[];
  readonly initializer?: Node;
  readonly type?: Node;
  readonly typeName?: Node;
  readonly left?: Node;
  readonly right?: Node;
  readonly operatorToken?: Node;
  readonly whenTrue?: Node;
  readonly whenFalse?: Node;
  readonly head?: Node;
  readonly literal?: Node;
  readonly templateSpans?: readonly Node[];
  readonly importClause?: Node;
  readonly namedBindings?: Node;
  readonly moduleSpecifier?: Node;
}

export interface SyntaxTree {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  readonly root: Node;
}

/** Finds out what a node is. The numbers of the kinds differ between versions. */
export class Syntax {
  private readonly names = new Map<number, KindName>();

  constructor(numbers: Readonly<Record<string, unknown>>) {
    for (const name of KINDS) {
      const number = numbers[name];
      if (typeof number === 'number') this.names.set(number, name);
    }
  }

  /** The kind of a node; `undefined` for one that no command looks for. */
  kindOf(node: Node | undefined): KindName | undefined {
    return node === undefined ? undefined : this.names.get(node.kind);
  }

  is(node: Node | undefined, ...kinds: readonly KindName[]): node is Node {
    const kind = this.kindOf(node);
    return kind !== undefined && kinds.includes(kind);
  }

  /** The decorators of a declaration. */
  decoratorsOf(node: Node): Node[] {
    return (node.modifiers ?? []).filter((modifier) => this.is(modifier, 'Decorator'));
  }

  /** The expression without parentheses, assertions and `await`. */
  bare(node: Node | undefined): Node | undefined {
    let inner = node;
    while (this.is(inner, ...WRAPPERS)) inner = inner.expression;
    return inner;
  }

  /** The name of an identifier; `undefined` for anything else. */
  identifier(node: Node | undefined): string | undefined {
    return this.is(node, 'Identifier') ? node.text : undefined;
  }
}

const WRAPPERS = [
  'ParenthesizedExpression',
  'AsExpression',
  'SatisfiesExpression',
  'NonNullExpression',
  'AwaitExpression',
] as const;

/** Parses files. */
export interface SourceParser {
  readonly syntax: Syntax;
  /** @param files absolute paths */
  parse(files: readonly string[]): Iterable<SyntaxTree>;
  close(): void;
}
