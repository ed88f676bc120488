import type { Node, SourceParser, Syntax, SyntaxTree } from '../typescript/syntax.js';

/** What can be said about adding the module to a file. */
export type ModuleEdit =
  | { readonly kind: 'edit'; readonly before: string; readonly after: string }
  | { readonly kind: 'present' }
  | { readonly kind: 'no module' };

/** Adds the module to the `imports` of the first `@Module` of a file. */
export function editModule(parser: SourceParser, file: string, datadir: string): ModuleEdit {
  for (const tree of parser.parse([file])) {
    if (/\bQuonfigModule\b/.test(tree.text)) return { kind: 'present' };
    const metadata = moduleMetadata(tree.root, parser.syntax);
    if (metadata === undefined) return { kind: 'no module' };
    const edits = [
      importEdit(tree, parser.syntax),
      listEdit(tree, parser.syntax, metadata, datadir),
    ];
    return { kind: 'edit', before: tree.text, after: applied(tree.text, edits) };
  }
  return { kind: 'no module' };
}

/** The lines that `init` adds. */
export function moduleLines(datadir: string, quote = "'"): string[] {
  const text = (value: string): string => `${quote}${value}${quote}`;
  return [
    'QuonfigModule.forRoot({',
    `  datadir: ${text(datadir)},`,
    `  environment: process.env.QUONFIG_ENVIRONMENT ?? ${text('development')},`,
    '  dataDirAutoReload: true,',
    '})',
  ];
}

interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function applied(text: string, edits: readonly TextEdit[]): string {
  const fromEnd = [...edits].sort((one, other) => other.start - one.start);
  return fromEnd.reduce(
    (result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end),
    text,
  );
}

/** The object that `@Module` is called with. */
function moduleMetadata(node: Node, syntax: Syntax): Node | undefined {
  let found: Node | undefined;
  for (const { expression: call } of syntax.decoratorsOf(node)) {
    if (syntax.is(call, 'CallExpression') && syntax.identifier(call.expression) === 'Module') {
      const metadata = syntax.bare(call.arguments?.[0]);
      if (syntax.is(metadata, 'ObjectLiteralExpression')) found = metadata;
    }
  }
  node.forEachChild((child) => void (found ??= moduleMetadata(child, syntax)));
  return found;
}

/** A line after the last import, in the style of that one. */
function importEdit({ text, root }: SyntaxTree, syntax: Syntax): TextEdit {
  let last: Node | undefined;
  root.forEachChild((node) => {
    if (syntax.is(node, 'ImportDeclaration')) last = node;
  });
  const { quote, newline } = styleOf(text);
  const declaration = `import { QuonfigModule } from ${quote}nestjs-quonfig${quote}`;
  if (last === undefined) return { start: 0, end: 0, text: `${declaration};${newline}` };
  const semicolon = text.slice(last.getStart(root), last.end).endsWith(';') ? ';' : '';
  return { start: last.end, end: last.end, text: `${newline}${declaration}${semicolon}` };
}

function listEdit(tree: SyntaxTree, syntax: Syntax, metadata: Node, datadir: string): TextEdit {
  const { text, root } = tree;
  const { quote, newline } = styleOf(text);
  const property = metadata.properties?.find(({ name }) => name?.text === 'imports');
  const list = syntax.bare(property?.initializer);
  const outer = property === undefined ? '  ' : indentAt(text, property.getStart(root));
  const inner = `${outer}  `;
  const lines = (indent: string): string => moduleLines(datadir, quote).join(`${newline}${indent}`);
  if (property === undefined || !syntax.is(list, 'ArrayLiteralExpression')) {
    // A list that is not written here is kept, inside of another one.
    const start = property === undefined ? metadata.getStart(root) + 1 : property.getStart(root);
    const given = property?.initializer;
    const rest =
      given === undefined
        ? ''
        : `${inner}...${text.slice(given.getStart(root), given.end)},${newline}`;
    const added = `imports: [${newline}${inner}${lines(inner)},${newline}${rest}${outer}]`;
    return property === undefined
      ? { start, end: start, text: `${newline}${outer}${added},` }
      : { start, end: property.end, text: added };
  }
  const start = list.getStart(root);
  const elements = (list.elements ?? []).map((each) => text.slice(each.getStart(root), each.end));
  const first = list.elements?.[0];
  if (first !== undefined && text.slice(start, first.getStart(root)).includes('\n')) {
    const indent = indentAt(text, first.getStart(root));
    return { start: start + 1, end: start + 1, text: `${newline}${indent}${lines(indent)},` };
  }
  const all = [lines(inner), ...elements].map((each) => `${inner}${each},${newline}`);
  return { start, end: list.end, text: `[${newline}${all.join('')}${outer}]` };
}

function styleOf(text: string): { quote: string; newline: string } {
  const double = text.match(/from "/g)?.length ?? 0;
  const single = text.match(/from '/g)?.length ?? 0;
  return { quote: double > single ? '"' : "'", newline: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** The white space at the beginning of the line of a position. */
function indentAt(text: string, position: number): string {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, position);
  return /^[\t ]*/.exec(line)![0];
}
