import { type AnyNode, type DocumentNode, type MemberNode, parse } from '@humanwhocodes/momoa';
import type { JsonPath } from './json-path.js';

/** A part of a text. Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface Location {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

const START: Location = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** Finds values in the text of a JSON document. Parsed only when the first one is asked for: most documents are correct. */
export class JsonLocator {
  private document: DocumentNode | undefined;
  private failed = false;

  constructor(private readonly text: string) {}

  /**
   * Returns where a value is, or its closest ancestor that exists.
   *
   * @param on the name of the property, or its value
   */
  find(path: JsonPath, on: 'name' | 'value' = 'value'): Location {
    let node: AnyNode | undefined = this.root()?.body;
    let member: MemberNode | undefined;
    for (const part of path) {
      const next: MemberNode | AnyNode | undefined = childOf(node, part);
      if (next === undefined) return locationOf(node);
      member = next.type === 'Member' ? next : undefined;
      node = next.type === 'Member' ? next.value : next;
    }
    return locationOf(on === 'name' && member !== undefined ? member.name : node);
  }

  /** Returns the paths of properties whose name occurs earlier in the same object. */
  duplicates(): JsonPath[] {
    const found: JsonPath[] = [];
    const visit = (node: AnyNode, path: JsonPath): void => {
      if (node.type === 'Array') {
        node.elements.forEach((element, index) => visit(element.value, [...path, index]));
      }
      if (node.type !== 'Object') return;
      const names = new Set<string>();
      for (const member of node.members) {
        const name = nameOf(member);
        if (names.has(name)) found.push([...path, name]);
        names.add(name);
        visit(member.value, [...path, name]);
      }
    };
    const root = this.root();
    if (root !== undefined) visit(root.body, []);
    return found;
  }

  /** Returns the offsets of the values of objects with `"confidential": true`, which no output may show. */
  confidentialRanges(): (readonly [number, number])[] {
    const ranges: (readonly [number, number])[] = [];
    const pending: AnyNode[] = [];
    const root = this.root();
    if (root !== undefined) pending.push(root.body);
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node.type === 'Array') pending.push(...node.elements.map(({ value }) => value));
      if (node.type !== 'Object') continue;
      const isConfidential = node.members.some(
        (member) =>
          nameOf(member) === 'confidential' &&
          member.value.type === 'Boolean' &&
          member.value.value,
      );
      for (const member of node.members) {
        const { loc } = member.value;
        if (isConfidential && nameOf(member) === 'value') {
          ranges.push([loc.start.offset, loc.end.offset]);
        } else pending.push(member.value);
      }
    }
    return ranges;
  }

  private root(): DocumentNode | undefined {
    if (this.document !== undefined || this.failed) return this.document;
    try {
      this.document = parse(this.text);
    } catch {
      // Too deeply nested for the parser, or accepted only by JSON.parse.
      this.failed = true;
    }
    return this.document;
  }
}

/** Returns where a text stops being JSON. */
export function mistakeIn(text: string): Location {
  try {
    parse(text);
  } catch (error) {
    const { line, column } = error as { line?: unknown; column?: unknown };
    if (typeof line === 'number' && typeof column === 'number') {
      return { line, column, endLine: line, endColumn: column + 1 };
    }
  }
  // The other parser accepts some mistakes, such as line breaks inside a string.
  try {
    JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    if (position !== undefined) {
      const before = text.slice(0, Number(position)).split('\n');
      const column = before.at(-1)!.length + 1;
      return { line: before.length, column, endLine: before.length, endColumn: column + 1 };
    }
  }
  return START;
}

function childOf(
  node: AnyNode | undefined,
  part: string | number,
): MemberNode | AnyNode | undefined {
  if (node?.type === 'Array') return node.elements[Number(part)]?.value;
  if (node?.type !== 'Object') return undefined;
  // JSON.parse keeps the last of several properties with one name.
  return node.members.findLast((member) => nameOf(member) === String(part));
}

function nameOf({ name }: MemberNode): string {
  return name.type === 'String' ? name.value : name.name;
}

function locationOf(node: AnyNode | undefined): Location {
  if (node === undefined) return START;
  const { start, end } = node.loc;
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
