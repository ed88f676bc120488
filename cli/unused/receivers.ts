import type { Node, Syntax } from '../typescript/syntax.js';
import type { ImportedNames } from './imported-names.js';
import type { Constants } from './key-expressions.js';

/** The instance that a service belongs to: its name, or `DEFAULT_INSTANCE`. */
export type Instance = string;
export const DEFAULT_INSTANCE: Instance = '';
/** An instance that the file does not name, or one with a key table of its own. */
const OTHER_INSTANCE: Instance = '*';

const SERVICES = new Set(['QuonfigService', 'BoundQuonfig']);

/** Names that mean a service, by scope: inner ones come first. */
type Scope = Map<string, Instance | undefined>;

/** Finds out which expressions of a file are services of this package. */
export class Receivers {
  private scopes: Scope[] = [new Map()];
  /** The properties of `this`, for each class around. */
  private classes: Scope[] = [];

  constructor(
    private readonly syntax: Syntax,
    private readonly imports: ImportedNames,
    private readonly constants: Constants,
  ) {}

  /** Visits the inside of a function, whose parameters are known there only. */
  inFunction(node: Node, given: readonly (Instance | undefined)[], visit: () => void): void {
    const scope: Scope = new Map();
    this.scopes.push(scope);
    for (const [index, parameter] of (node.parameters ?? []).entries()) {
      const name = this.syntax.identifier(parameter.name);
      if (name !== undefined) scope.set(name, this.declared(parameter) ?? given[index]);
    }
    visit();
    this.scopes.pop();
  }

  /** Visits the inside of a class, with its properties and the parameters of its constructor that are ones. */
  inClass(node: Node, visit: () => void): void {
    const properties: Scope = new Map();
    const add = (declaration: Node): void => {
      const name = this.syntax.identifier(declaration.name);
      const instance = this.declared(declaration);
      if (name !== undefined && instance !== undefined) properties.set(name, instance);
    };
    for (const member of node.members ?? []) {
      if (this.syntax.is(member, 'PropertyDeclaration')) add(member);
      if (!this.syntax.is(member, 'Constructor')) continue;
      for (const parameter of member.parameters ?? []) {
        const modifiers = parameter.modifiers ?? [];
        if (modifiers.some((modifier) => !this.syntax.is(modifier, 'Decorator'))) add(parameter);
      }
    }
    this.classes.push(properties);
    visit();
    this.classes.pop();
  }

  /** Takes down a variable. */
  declare(variable: Node): void {
    const name = this.syntax.identifier(variable.name);
    if (name === undefined) return;
    const instance = this.declared(variable) ?? this.of(variable.initializer);
    this.scopes.at(-1)!.set(name, instance);
  }

  /** The instance of the service that an expression is; `undefined` if it is none, or nobody knows. */
  of(expression: Node | undefined): Instance | undefined {
    const node = this.syntax.bare(expression);
    switch (this.syntax.kindOf(node)) {
      case 'Identifier':
        return this.scopes.findLast((scope) => scope.has(node!.text!))?.get(node!.text!);
      case 'PropertyAccessExpression':
        return this.syntax.is(node!.expression, 'ThisKeyword')
          ? this.classes.at(-1)?.get(node!.name?.text ?? '')
          : undefined;
      case 'CallExpression':
        return this.returned(node!);
      default:
        return undefined;
    }
  }

  /** The instance that a token of Nest means: the class, or a call of `getQuonfigToken`. */
  ofToken(token: Node | undefined): Instance | undefined {
    if (this.imports.exportOf(token) === 'QuonfigService') return DEFAULT_INSTANCE;
    const isCall = this.syntax.is(token, 'CallExpression');
    return isCall && this.imports.exportOf(token.expression) === 'getQuonfigToken'
      ? this.named(token.arguments?.[0])
      : undefined;
  }

  /** The instance of a name in code; none means the default one. */
  named(name: Node | undefined): Instance {
    if (name === undefined) return DEFAULT_INSTANCE;
    const { keys, isOpen } = this.constants.resolve(name);
    return keys.length === 1 && !isOpen ? keys[0]! : OTHER_INSTANCE;
  }

  /** What `QuonfigService.create()`, `app.get(QuonfigService)` and `quonfig.withContext(…)` return. */
  private returned({ expression: callee, arguments: given = [] }: Node): Instance | undefined {
    if (!this.syntax.is(callee, 'PropertyAccessExpression')) return undefined;
    const method = callee.name?.text;
    if (method === 'withContext') return this.of(callee.expression);
    if (method === 'create' && this.imports.exportOf(callee.expression) === 'QuonfigService') {
      return DEFAULT_INSTANCE;
    }
    return method === 'get' || method === 'resolve' ? this.ofToken(given[0]) : undefined;
  }

  /** The instance of a parameter, property or variable, by its type and decorators. */
  private declared(declaration: Node): Instance | undefined {
    for (const { expression: call } of this.syntax.decoratorsOf(declaration)) {
      if (!this.syntax.is(call, 'CallExpression')) continue;
      const name = this.imports.exportOf(call.expression);
      if (name === 'InjectQuonfig') return this.named(call.arguments?.[0]);
      const instance = this.ofToken(call.arguments?.[0]);
      if (instance !== undefined) return instance;
    }
    const { type } = declaration;
    if (!this.syntax.is(type, 'TypeReference')) return undefined;
    if (!SERVICES.has(this.imports.exportOf(type.typeName) ?? '')) return undefined;
    const [table] = type.typeArguments ?? [];
    const isDefault =
      table === undefined || this.imports.exportOf(table.typeName) === 'QuonfigTypes';
    return isDefault ? DEFAULT_INSTANCE : OTHER_INSTANCE;
  }
}
