import type { Node, Syntax } from '../typescript/syntax.js';

/** What an expression says about keys. */
export interface KeyExpression {
  readonly keys: readonly string[];
  /** Strings of which only parts are known; `*` stands for the others. */
  readonly patterns: readonly string[];
  /** Whether other keys are possible. */
  readonly isOpen: boolean;
}

const OPEN: KeyExpression = { keys: [], patterns: [], isOpen: true };
/** Longer chains of constants are left alone; so are circular ones. */
const MAX_STEPS = 20;
const MAX_PATTERNS = 100;

/** The constants of one file: variables, enums, static properties, by name. A name may be declared in several places. */
export class Constants {
  private readonly initializers = new Map<string, Node[]>();
  private readonly members = new Map<string, Node[]>();

  constructor(private readonly syntax: Syntax) {}

  /** Takes down a declaration. */
  add(node: Node): void {
    const name = this.syntax.identifier(node.name);
    if (name === undefined) return;
    if (this.syntax.is(node, 'VariableDeclaration') && node.initializer !== undefined) {
      push(this.initializers, name, node.initializer);
    } else if (this.syntax.is(node, 'EnumDeclaration', 'ClassDeclaration')) {
      for (const member of node.members ?? []) push(this.members, name, member);
    }
  }

  /** What an expression can be. */
  resolve(node: Node | undefined, steps = 0): KeyExpression {
    const { syntax } = this;
    const bare = syntax.bare(node);
    if (bare === undefined || steps > MAX_STEPS) return OPEN;
    const next = (each: Node | undefined): KeyExpression => this.resolve(each, steps + 1);
    switch (syntax.kindOf(bare)) {
      case 'StringLiteral':
      case 'NoSubstitutionTemplateLiteral':
        return exactly(bare.text ?? '');
      case 'TemplateExpression':
        return this.template(bare, next);
      case 'BinaryExpression':
        return syntax.is(bare.operatorToken, 'PlusToken')
          ? joined(next(bare.left), next(bare.right))
          : OPEN;
      case 'ConditionalExpression':
        return either([next(bare.whenTrue), next(bare.whenFalse)]);
      case 'ArrayLiteralExpression':
        return either((bare.elements ?? []).map(next));
      case 'Identifier':
        return either((this.initializers.get(bare.text ?? '') ?? [undefined]).map(next));
      case 'PropertyAccessExpression':
      case 'ElementAccessExpression':
        return either((this.accessed(bare) ?? [undefined]).map(next));
      default:
        return OPEN;
    }
  }

  private template(node: Node, next: (node: Node | undefined) => KeyExpression): KeyExpression {
    let whole = exactly(node.head?.text ?? '');
    for (const span of node.templateSpans ?? []) {
      whole = joined(joined(whole, next(span.expression)), exactly(span.literal?.text ?? ''));
    }
    return whole;
  }

  /** The expressions that `OBJECT.name` can lead to; `undefined` if that is not known. */
  private accessed(node: Node): (Node | undefined)[] | undefined {
    // `OBJECT.name` has a name, `OBJECT['name']` an argument.
    const name = (node.name ?? node.argumentExpression)?.text;
    const object = this.syntax.bare(node.expression);
    const owner = this.syntax.identifier(object);
    if (name === undefined) return undefined;
    const members =
      owner === undefined
        ? (object?.properties ?? [])
        : [...(this.members.get(owner) ?? []), ...this.propertiesOf(owner)];
    const named = members.filter((member) => member.name?.text === name);
    return named.length === 0 ? undefined : named.map((member) => member.initializer);
  }

  private propertiesOf(variable: string): Node[] {
    const values = this.initializers.get(variable) ?? [];
    return values.flatMap((value) => this.syntax.bare(value)?.properties ?? []);
  }
}

const exactly = (key: string): KeyExpression => ({ keys: [key], patterns: [], isOpen: false });

function either(all: readonly KeyExpression[]): KeyExpression {
  return {
    keys: all.flatMap(({ keys }) => keys),
    patterns: all.flatMap(({ patterns }) => patterns),
    isOpen: all.some(({ isOpen }) => isOpen),
  };
}

/** One string after the other. */
function joined(one: KeyExpression, other: KeyExpression): KeyExpression {
  const texts = (each: KeyExpression): string[] => [
    ...each.keys.map(literally),
    ...each.patterns,
    ...(each.isOpen ? ['*'] : []),
  ];
  if (one.keys.length === 1 && other.keys.length === 1 && !one.isOpen && !other.isOpen) {
    return exactly(one.keys[0]! + other.keys[0]!);
  }
  const all = texts(one).flatMap((left) => texts(other).map((right) => left + right));
  return {
    keys: all.filter((text) => !text.includes('*')),
    patterns: all.filter((text) => text.includes('*')).slice(0, MAX_PATTERNS),
    isOpen: false,
  };
}

/** A `*` in a key would match anything; keys have none. */
const literally = (key: string): string => key.replaceAll('*', '');

function push<K>(map: Map<K, Node[]>, key: K, node: Node): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [node]);
  else list.push(node);
}

/** Whether a key matches a pattern in which `*` stands for any characters. */
export function matchesPattern(pattern: string, key: string): boolean {
  const parts = pattern.split('*');
  const last = parts.pop()!;
  const [first = '', ...middle] = parts;
  if (parts.length === 0) return key === last;
  if (!key.startsWith(first)) return false;
  let at = first.length;
  for (const part of middle) {
    const found = key.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return key.length - last.length >= at && key.endsWith(last);
}
