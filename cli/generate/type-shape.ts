import { docComment, propertyName } from './source-text.js';

/** A TypeScript type of values, all of them readonly. */
export type TypeShape =
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'array'; readonly element: TypeShape }
  | { readonly kind: 'tuple'; readonly elements: readonly TypeShape[]; readonly rest?: TypeShape }
  | { readonly kind: 'object'; readonly properties: Properties; readonly index?: TypeShape }
  | { readonly kind: 'union' | 'intersection'; readonly members: readonly TypeShape[] };

export type Properties = ReadonlyMap<string, PropertyShape>;

export interface PropertyShape {
  readonly type: TypeShape;
  readonly optional: boolean;
  readonly about?: string | undefined;
}

const name = (text: string): TypeShape => ({ kind: 'name', text });

export const BOOLEAN = name('boolean');
export const STRING = name('string');
export const NUMBER = name('number');
export const NULL = name('null');
export const UNDEFINED = name('undefined');
export const UNKNOWN = name('unknown');
export const NEVER = name('never');
export const STRINGS: TypeShape = { kind: 'array', element: STRING };
export const literal = name;

/** The union of types, each once, in an order that does not depend on theirs. */
export function unionOf(types: readonly TypeShape[]): TypeShape {
  const members = new Map<string, TypeShape>();
  for (const type of types.flatMap((each) => (each.kind === 'union' ? each.members : [each]))) {
    members.set(printType(type, ''), type);
  }
  members.delete('never');
  if (members.has('unknown')) return UNKNOWN;
  if (members.has('string')) dropLiterals(members, (text) => text.startsWith("'"));
  if (members.has('number')) dropLiterals(members, (text) => /^-?\d/.test(text));
  if (members.has('boolean')) dropLiterals(members, (text) => text === 'true' || text === 'false');
  if (members.size === 0) return NEVER;
  const sorted = [...members].sort(([one], [other]) => rank(one, other)).map(([, type]) => type);
  return sorted.length === 1 ? sorted[0]! : { kind: 'union', members: sorted };
}

function dropLiterals(members: Map<string, TypeShape>, isLiteral: (text: string) => boolean): void {
  for (const [text, type] of members) {
    if (type.kind === 'name' && isLiteral(text)) members.delete(text);
  }
}

/** By text, with `null` and `undefined` last. */
function rank(one: string, other: string): number {
  return isLast(one) - isLast(other) || (one < other ? -1 : 1);
}

const isLast = (text: string): number => Number(text === 'null' || text === 'undefined');

const LINE = 100;

/** The type as code. Objects that do not fit in a line get one line for each property. */
export function printType(type: TypeShape, indent: string): string {
  switch (type.kind) {
    case 'name':
      return type.text;
    case 'array':
      return `readonly ${grouped(element(type.element), indent)}[]`;
    case 'tuple': {
      const elements = type.elements.map((each) => printType(each, indent));
      if (type.rest !== undefined) elements.push(`...${grouped(type.rest, indent)}[]`);
      return `readonly [${elements.join(', ')}]`;
    }
    case 'union':
      return type.members.map((each) => grouped(each, indent, 'union')).join(' | ');
    case 'intersection':
      return type.members.map((each) => grouped(each, indent)).join(' & ');
    case 'object':
      return printObject(type.properties, type.index, indent);
  }
}

/** The elements of a list that is always empty are unknown. */
const element = (type: TypeShape): TypeShape => (type === NEVER ? UNKNOWN : type);

function grouped(type: TypeShape, indent: string, inside?: 'union'): string {
  const text = printType(type, indent);
  const plain = type.kind === 'name' || type.kind === 'object' || type.kind === 'tuple';
  // `readonly T[]` needs no parentheses in a union.
  return plain || (inside === 'union' && type.kind === 'array') ? text : `(${text})`;
}

function printObject(properties: Properties, index: TypeShape | undefined, indent: string): string {
  const inner = `${indent}  `;
  const rows = [...properties].map(([key, { type, optional, about }]) => {
    const mark = optional ? '?' : '';
    const text = `readonly ${propertyName(key)}${mark}: ${printType(type, inner)};`;
    return docComment(about === undefined ? [] : [about], inner) + inner + text;
  });
  if (index !== undefined) {
    rows.push(`${inner}readonly [key: string]: ${printType(indexType(properties, index), inner)};`);
  }
  if (rows.length === 0) return 'object';
  const line = `{ ${rows.map((row) => row.slice(inner.length)).join(' ')} }`.replace(/; }$/, ' }');
  const fits = line.length <= LINE && !line.includes('\n') && !line.includes('/*');
  return fits ? line : `{\n${rows.join('\n')}\n${indent}}`;
}

/** TypeScript requires that every property has the type of the index. */
function indexType(properties: Properties, index: TypeShape): TypeShape {
  const types = [...properties.values()];
  const absent = types.some(({ optional }) => optional) ? [UNDEFINED] : [];
  return unionOf([index, ...types.map(({ type }) => type), ...absent]);
}
