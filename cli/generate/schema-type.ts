import { typeOfValues } from './inferred-type.js';
import { quoted } from './source-text.js';
import {
  BOOLEAN,
  literal,
  NEVER,
  NULL,
  NUMBER,
  type PropertyShape,
  STRING,
  type TypeShape,
  UNDEFINED,
  unionOf,
  UNKNOWN,
} from './type-shape.js';

type Schema = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 40;
/** References can multiply a small schema without end. */
const MAX_PARTS = 10_000;

/**
 * The type that a JSON Schema (draft 2020-12 or 07) describes. What it says beyond types, such as lengths and conditions, is
 * ignored: the type is never narrower than the schema.
 */
export function typeOfSchema(schema: unknown): TypeShape {
  return new SchemaReader(schema).read(schema, []);
}

class SchemaReader {
  private count = 0;

  constructor(private readonly root: unknown) {}

  /** @param path the references that lead here: one that leads back is `unknown` */
  read(schema: unknown, path: readonly string[], depth = 0): TypeShape {
    if (schema === false) return NEVER;
    if (!isObject(schema) || depth > MAX_DEPTH || this.count++ > MAX_PARTS) return UNKNOWN;
    const parts: TypeShape[] = [];
    const nested = (each: unknown): TypeShape => this.read(each, path, depth + 1);
    const reference = schema['$ref'];
    if (typeof reference === 'string') {
      const again = path.includes(reference);
      parts.push(
        again ? UNKNOWN : this.read(this.target(reference), [...path, reference], depth + 1),
      );
    }
    if (Array.isArray(schema['enum'])) parts.push(unionOf(schema['enum'].map(literalType)));
    else if ('const' in schema) parts.push(literalType(schema['const']));
    else parts.push(this.declared(schema, nested));
    for (const word of ['anyOf', 'oneOf']) {
      const options = schema[word];
      if (Array.isArray(options)) parts.push(unionOf(options.map(nested)));
    }
    if (Array.isArray(schema['allOf'])) parts.push(...schema['allOf'].map(nested));
    return intersectionOf(parts);
  }

  private declared(schema: Schema, nested: (schema: unknown) => TypeShape): TypeShape {
    const types = [schema['type'] ?? impliedType(schema)].flat();
    return unionOf(types.map((type) => this.ofType(type, schema, nested)));
  }

  private ofType(type: unknown, schema: Schema, nested: (schema: unknown) => TypeShape): TypeShape {
    switch (type) {
      case 'null':
        return NULL;
      case 'boolean':
        return BOOLEAN;
      case 'string':
        return STRING;
      case 'integer':
      case 'number':
        return NUMBER;
      case 'array':
        return arrayType(schema, nested);
      case 'object':
        return objectType(schema, nested);
      default:
        return UNKNOWN;
    }
  }

  /** What a reference within the schema leads to. */
  private target(reference: string): unknown {
    if (!reference.startsWith('#')) return undefined;
    let target: unknown = this.root;
    for (const part of reference.slice(1).split('/').slice(1)) {
      const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof target !== 'object' || target === null || !Object.hasOwn(target, name)) {
        return undefined;
      }
      target = (target as Schema)[name];
    }
    return target;
  }
}

function impliedType(schema: Schema): string | undefined {
  if ('properties' in schema || 'required' in schema || 'patternProperties' in schema)
    return 'object';
  if (isObject(schema['additionalProperties'])) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : undefined;
}

function arrayType(schema: Schema, nested: (schema: unknown) => TypeShape): TypeShape {
  const { items, prefixItems } = schema;
  // Draft 07 has the elements of a tuple in `items`, and the type of the others in `additionalItems`.
  const [first, rest] = Array.isArray(prefixItems)
    ? [prefixItems as unknown[], items]
    : Array.isArray(items)
      ? [items as unknown[], schema['additionalItems']]
      : [undefined, items];
  if (first === undefined) return { kind: 'array', element: nested(rest) };
  const elements = first.map(nested);
  // Without `minItems`, a shorter list is valid, too.
  const minimum = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
  if (minimum >= elements.length) {
    return { kind: 'tuple', elements, ...(rest !== false && { rest: nested(rest) }) };
  }
  return {
    kind: 'array',
    element: unionOf(rest === false ? elements : [...elements, nested(rest)]),
  };
}

function objectType(schema: Schema, nested: (schema: unknown) => TypeShape): TypeShape {
  const declared = isObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const properties = new Map<string, PropertyShape>();
  for (const key of Object.keys(declared).sort()) {
    const property = declared[key];
    const about = isObject(property) ? (property['description'] ?? property['title']) : undefined;
    properties.set(key, {
      type: nested(property),
      optional: !required.has(key),
      about: typeof about === 'string' ? about : undefined,
    });
  }
  for (const key of [...required].map(String).sort()) {
    if (!properties.has(key)) {
      properties.set(key, { type: UNKNOWN, optional: false });
    }
  }
  const index = indexOf(schema, properties.size > 0, nested);
  return { kind: 'object', properties, ...(index !== undefined && { index }) };
}

/** The type of properties that the schema does not name. Where it names some and is silent on others, code reads those. */
function indexOf(
  schema: Schema,
  hasProperties: boolean,
  nested: (schema: unknown) => TypeShape,
): TypeShape | undefined {
  const more = schema['additionalProperties'];
  const patterns = isObject(schema['patternProperties']) ? schema['patternProperties'] : {};
  const types = Object.values(patterns).map(nested);
  if (isObject(more) || more === true) types.push(nested(more));
  else if (more === undefined && !hasProperties && types.length === 0) return UNKNOWN;
  if (types.length === 0) return undefined;
  return unionOf(types);
}

function intersectionOf(parts: readonly TypeShape[]): TypeShape {
  const members = parts.filter((part) => part !== UNKNOWN);
  if (members.includes(NEVER)) return NEVER;
  if (members.length === 0) return UNKNOWN;
  if (members.length === 1) return members[0]!;
  return { kind: 'intersection', members };
}

function literalType(value: unknown): TypeShape {
  if (typeof value === 'string') return literal(quoted(value));
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    return literal(String(value));
  }
  return value === undefined ? UNDEFINED : typeOfValues([value]);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
