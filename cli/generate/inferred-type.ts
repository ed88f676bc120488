import {
  BOOLEAN,
  NEVER,
  NULL,
  NUMBER,
  type Properties,
  type PropertyShape,
  STRING,
  type TypeShape,
  UNDEFINED,
  unionOf,
  UNKNOWN,
} from './type-shape.js';

/** Deeper values are `unknown`. */
const MAX_DEPTH = 20;
/** With more shapes than this, one object with optional properties is easier to read than their union. */
const MAX_SHAPES = 8;

type ObjectShape = TypeShape & { readonly kind: 'object' };

/** The type of a JSON value that can be any of these: a union of their shapes. */
export function typeOfValues(values: readonly unknown[]): TypeShape {
  const { objects, others } = sorted(values.map((value) => typeOfValue(value, 0)));
  const distinct = unionOf(objects);
  const shapes = (distinct.kind === 'union' ? distinct.members : [distinct]) as ObjectShape[];
  if (objects.length === 0) return others;
  if (shapes.length > MAX_SHAPES) return unionOf([merged(shapes), others]);
  return unionOf([...shapes.map((shape) => withAbsent(shape, shapes)), others]);
}

function typeOfValue(value: unknown, depth: number): TypeShape {
  if (value === null) return NULL;
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'string') return STRING;
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return UNKNOWN;
  if (Array.isArray(value)) {
    return { kind: 'array', element: oneType(value.map((each) => typeOfValue(each, depth + 1))) };
  }
  const properties = new Map<string, PropertyShape>();
  for (const key of Object.keys(value).sort()) {
    const type = typeOfValue((value as Record<string, unknown>)[key], depth + 1);
    properties.set(key, { type, optional: false });
  }
  return { kind: 'object', properties };
}

/** One type for the elements of a list, or for the values of one property: objects are merged. */
function oneType(types: readonly TypeShape[]): TypeShape {
  const { objects, others } = sorted(types);
  return objects.length === 0 ? others : unionOf([merged(objects), others]);
}

/** The object shapes, and the union of all others, whose lists are merged into one. */
function sorted(types: readonly TypeShape[]): { objects: ObjectShape[]; others: TypeShape } {
  const flat = types.flatMap((type) => (type.kind === 'union' ? type.members : [type]));
  const objects = flat.filter((type) => type.kind === 'object');
  const elements = flat.flatMap((type) => (type.kind === 'array' ? [type.element] : []));
  const scalars = flat.filter((type) => type.kind !== 'object' && type.kind !== 'array');
  const list: TypeShape[] =
    elements.length === 0 ? [] : [{ kind: 'array', element: oneType(elements) }];
  return { objects, others: unionOf([NEVER, ...scalars, ...list]) };
}

function merged(objects: readonly ObjectShape[]): ObjectShape {
  const properties = new Map<string, PropertyShape>();
  for (const key of keysOf(objects)) {
    const found = objects.flatMap((shape) => shape.properties.get(key) ?? []);
    const optional = found.length < objects.length || found.some((property) => property.optional);
    properties.set(key, { type: oneType(found.map(({ type }) => type)), optional });
  }
  return { kind: 'object', properties };
}

/** Names the properties that only other shapes have, so that code can read them before it knows the shape. */
function withAbsent(shape: ObjectShape, shapes: readonly ObjectShape[]): ObjectShape {
  const absent: PropertyShape = { type: UNDEFINED, optional: true };
  const properties: Properties = new Map(
    keysOf(shapes).map((key) => [key, shape.properties.get(key) ?? absent]),
  );
  return { kind: 'object', properties };
}

function keysOf(shapes: readonly ObjectShape[]): string[] {
  return [...new Set(shapes.flatMap(({ properties }) => [...properties.keys()]))].sort();
}
