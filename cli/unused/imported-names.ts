import type { Node, Syntax } from '../typescript/syntax.js';

const PACKAGE = /^nestjs-quonfig(?:\/|$)/;

/** What a file imports from the package: its own name for each export, and names of the whole module. */
export class ImportedNames {
  private readonly exports = new Map<string, string>();
  private readonly modules = new Set<string>();

  constructor(private readonly syntax: Syntax) {}

  /** Takes down an import declaration. */
  add(declaration: Node): void {
    if (!PACKAGE.test(declaration.moduleSpecifier?.text ?? '')) return;
    const bindings = declaration.importClause?.namedBindings;
    if (this.syntax.is(bindings, 'NamespaceImport')) this.modules.add(bindings.name?.text ?? '');
    for (const specifier of bindings?.elements ?? []) {
      const local = specifier.name?.text ?? '';
      this.exports.set(local, specifier.propertyName?.text ?? local);
    }
  }

  /** The export of the package that an expression or the name of a type is; `undefined` for anything else. */
  exportOf(node: Node | undefined): string | undefined {
    if (node === undefined) return undefined;
    const name = this.syntax.identifier(node);
    if (name !== undefined) return this.exports.get(name);
    // `quonfig.Flag` as an expression has a name and an expression, as a type a left and a right side.
    const module = this.syntax.identifier(node.expression ?? node.left);
    return module !== undefined && this.modules.has(module)
      ? this.syntax.identifier(node.name ?? node.right)
      : undefined;
  }
}
