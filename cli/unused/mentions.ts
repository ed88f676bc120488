import type { Node, Syntax, SyntaxTree } from '../typescript/syntax.js';
import { ImportedNames } from './imported-names.js';
import { Constants, type KeyExpression } from './key-expressions.js';
import { DEFAULT_INSTANCE, type Instance, Receivers } from './receivers.js';

/** A place in code that reads a key, or that follows it. */
export interface Mention {
  /** A key, or a pattern with `*`. */
  readonly key: string;
  /** E.g. `getString`, `@RequireFlag`. */
  readonly by: string;
  readonly instance: Instance;
  readonly place: Place;
}

export interface Place {
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** What a file says about keys. */
export interface FileMentions {
  readonly mentions: readonly Mention[];
  /** Reads whose key is only known when they run. */
  readonly openReads: readonly Omit<Mention, 'key'>[];
  /** All strings, and all templates as patterns: a key that is passed around is mentioned, too. */
  readonly strings: ReadonlySet<string>;
  readonly patterns: ReadonlySet<string>;
  /** The names after a dot, among them methods of the generated class. */
  readonly properties: ReadonlySet<string>;
}

const READS = new Set(
  `get getString getNumber getBool getStringList getDuration getJSON isEnabled getBoolDetails getStringDetails
  getNumberDetails getStringListDetails getJSONDetails getDurationDetails getDurationStringDetails observe live explain
  getRawMatch rawConfig`.split(/\s+/),
);

/** Decorators whose first argument is a key; position of the options that name an instance is found by their name. */
const DECORATORS = new Set([
  'Flag',
  'ConfigValue',
  'ConfigDetails',
  'Live',
  'RequireFlag',
  'OnQuonfigUpdate',
]);

const FUNCTIONS = [
  'ArrowFunction',
  'Constructor',
  'FunctionDeclaration',
  'FunctionExpression',
  'GetAccessor',
  'MethodDeclaration',
  'SetAccessor',
] as const;

/** A shorter beginning would match keys by chance. */
const MIN_PATTERN_START = 3;

/** Finds what a file says about keys. */
export function mentionsIn(tree: SyntaxTree, syntax: Syntax): FileMentions {
  return new MentionFinder(tree, syntax).find();
}

class MentionFinder {
  private readonly imports: ImportedNames;
  private readonly constants: Constants;
  private readonly receivers: Receivers;
  /** Variables with the result of `createQuonfigDecorators`, and its instance. */
  private readonly decorators = new Map<string, Instance>();
  private readonly mentions: Mention[] = [];
  private readonly openReads: Omit<Mention, 'key'>[] = [];
  private readonly strings = new Set<string>();
  private readonly patterns = new Set<string>();
  private readonly properties = new Set<string>();
  private readonly lineStarts: readonly number[];

  constructor(
    private readonly tree: SyntaxTree,
    private readonly syntax: Syntax,
  ) {
    this.imports = new ImportedNames(syntax);
    this.constants = new Constants(syntax);
    this.receivers = new Receivers(syntax, this.imports, this.constants);
    this.lineStarts = lineStartsOf(tree.text);
  }

  find(): FileMentions {
    this.collect(this.tree.root);
    this.visit(this.tree.root);
    const { mentions, openReads, strings, patterns, properties } = this;
    return { mentions, openReads, strings, patterns, properties };
  }

  /** Imports and constants may be below their use. */
  private collect(node: Node): void {
    const kind = this.syntax.kindOf(node);
    if (kind === 'ImportDeclaration') this.imports.add(node);
    if (
      kind === 'VariableDeclaration' ||
      kind === 'EnumDeclaration' ||
      kind === 'ClassDeclaration'
    ) {
      this.constants.add(node);
    }
    node.forEachChild((child) => this.collect(child));
  }

  private visit(node: Node): void {
    const inside = (): void => void node.forEachChild((child) => this.visit(child));
    switch (this.syntax.kindOf(node)) {
      case 'ImportDeclaration':
      case 'ExportDeclaration':
        return;
      case 'StringLiteral':
      case 'NoSubstitutionTemplateLiteral':
        this.strings.add(node.text ?? '');
        return;
      case 'TemplateExpression':
        this.addPatterns(this.constants.resolve(node));
        return inside();
      case 'PropertyAccessExpression':
        this.properties.add(node.name?.text ?? '');
        return inside();
      case 'BinaryExpression':
        if (this.syntax.is(node.operatorToken, 'PlusToken')) {
          this.addPatterns(this.constants.resolve(node));
        }
        return inside();
      case 'VariableDeclaration':
        this.receivers.declare(node);
        this.declareDecorators(node);
        return inside();
      case 'ClassDeclaration':
      case 'ClassExpression':
        return this.receivers.inClass(node, inside);
      case 'ObjectLiteralExpression':
        return this.visitObject(node, inside);
      case 'CallExpression':
        return this.visitCall(node);
      default:
        return this.syntax.is(node, ...FUNCTIONS)
          ? this.receivers.inFunction(node, [], inside)
          : inside();
    }
  }

  private visitCall(node: Node): void {
    const { expression: callee, arguments: given = [] } = node;
    this.visit(callee!);
    let inner: readonly (Instance | undefined)[] = [];
    const decorator = this.decoratorOf(callee!);
    if (decorator !== undefined) this.addDecorator(decorator.name, decorator.instance, given);
    else if (this.syntax.is(callee, 'PropertyAccessExpression')) {
      const instance = this.receivers.of(callee.expression);
      const method = callee.name?.text ?? '';
      if (instance !== undefined) this.addRead(method, instance, given, callee.name!);
      if (instance !== undefined && method === 'withContext') inner = [instance];
    }
    for (const argument of given) this.visitArgument(argument, inner);
  }

  /** The function of `withContext` gets a service. */
  private visitArgument(node: Node, given: readonly (Instance | undefined)[]): void {
    if (given.length > 0 && this.syntax.is(node, 'ArrowFunction', 'FunctionExpression')) {
      const inside = (): void => void node.forEachChild((child) => this.visit(child));
      this.receivers.inFunction(node, given, inside);
    } else this.visit(node);
  }

  /** A factory provider: the parameters of `useFactory` are what `inject` lists. */
  private visitObject(node: Node, inside: () => void): void {
    const property = (name: string): Node | undefined =>
      node.properties?.find((each) => each.name?.text === name)?.initializer;
    const tokens = property('inject')?.elements;
    const factory = property('useFactory');
    if (tokens === undefined || factory === undefined) return inside();
    const given = tokens.map((token) => this.receivers.ofToken(token));
    for (const each of node.properties ?? []) {
      if (each.initializer === factory) this.visitArgument(factory, given);
      else this.visit(each);
    }
  }

  private declareDecorators({ name, initializer }: Node): void {
    const call = this.syntax.bare(initializer);
    const variable = this.syntax.identifier(name);
    if (variable === undefined || !this.syntax.is(call, 'CallExpression')) return;
    if (this.imports.exportOf(call.expression) !== 'createQuonfigDecorators') return;
    this.decorators.set(variable, this.receivers.named(call.arguments?.[0]));
  }

  /** A decorator of the package, or one that `createQuonfigDecorators` returned. */
  private decoratorOf(callee: Node): { name: string; instance?: Instance } | undefined {
    const name = this.imports.exportOf(callee);
    if (name !== undefined) return DECORATORS.has(name) ? { name } : undefined;
    const owner = this.syntax.identifier(callee.expression);
    const instance = owner === undefined ? undefined : this.decorators.get(owner);
    const member = callee.name?.text ?? '';
    return instance !== undefined && DECORATORS.has(member)
      ? { name: member, instance }
      : undefined;
  }

  private addDecorator(name: string, bound: Instance | undefined, given: readonly Node[]): void {
    const [first, ...rest] = given;
    if (first === undefined) return;
    const instance = bound ?? this.instanceIn(rest);
    const nodes = name === 'RequireFlag' ? this.required(first) : [first];
    for (const node of nodes) {
      // `OnQuonfigUpdate({ name })` follows every key.
      if (node.properties === undefined) {
        this.add(this.constants.resolve(node), `@${name}`, instance, node);
      }
    }
  }

  /** The keys in `{ all }`, `{ any }`, `{ not }` and `{ key, equals }`, in every depth. */
  private required(node: Node): Node[] {
    const { elements, properties } = this.syntax.bare(node)!;
    if (elements !== undefined) return elements.flatMap((each) => this.required(each));
    return properties === undefined
      ? [node]
      : properties.flatMap(({ name, initializer }) =>
          initializer !== undefined && ['all', 'any', 'not', 'key'].includes(name?.text ?? '')
            ? this.required(initializer)
            : [],
        );
  }

  /** The instance that `{ instance: 'billing' }`, or `{ name: 'billing' }` of `OnQuonfigUpdate`, names. */
  private instanceIn(given: readonly Node[]): Instance {
    for (const argument of given) {
      for (const { name, initializer } of argument.properties ?? []) {
        if (name?.text === 'instance' || name?.text === 'name')
          return this.receivers.named(initializer);
      }
    }
    return DEFAULT_INSTANCE;
  }

  private addRead(method: string, instance: Instance, [first]: readonly Node[], at: Node): void {
    if (READS.has(method)) this.add(this.constants.resolve(first), method, instance, first ?? at);
    if (method !== 'shouldLog') return;
    const key = first?.properties?.find(({ name }) => name?.text === 'configKey')?.initializer;
    if (key !== undefined) this.add(this.constants.resolve(key), method, instance, key);
  }

  private add(found: KeyExpression, by: string, instance: Instance, node: Node): void {
    const place = this.placeOf(node);
    for (const key of [...found.keys, ...found.patterns]) {
      this.mentions.push({ key, by, instance, place });
    }
    if (found.isOpen) this.openReads.push({ by, instance, place });
    // Only `@OnQuonfigUpdate` accepts patterns; no key contains a `*`.
    const written = found.keys.filter((key) => key.includes('*'));
    this.addPatterns({ ...found, patterns: [...found.patterns, ...written] });
  }

  private addPatterns({ keys, patterns }: KeyExpression): void {
    for (const key of keys) this.strings.add(key);
    for (const pattern of patterns) {
      if (pattern.indexOf('*') >= MIN_PATTERN_START) this.patterns.add(pattern);
    }
  }

  private placeOf(node: Node): Place {
    const start = node.getStart(this.tree.root);
    let line = this.lineStarts.findIndex((each) => each > start);
    if (line < 0) line = this.lineStarts.length;
    return { file: this.tree.file, line, column: start - this.lineStarts[line - 1]! + 1 };
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const { index } of text.matchAll(/\r\n|[\n\r]/g)) {
    starts.push(index + (text.startsWith('\r\n', index) ? 2 : 1));
  }
  return starts;
}
