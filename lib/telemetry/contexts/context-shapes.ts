import { MAX_NAME_CHARACTERS, MAX_PROPERTIES, truncate } from '../bounds.js';
import type { PropertyRecord } from '../../model/index.js';

// Numbers of property types on the wire.
const INTEGER = 1;
/** Also for every type without a number of its own. */
const STRING = 2;
const DOUBLE = 4;
const BOOLEAN = 5;
const LIST = 10;

/** The names and types of context properties in one window. The first type recorded for a property stays. */
export class ContextShapes {
  private fields = new Map<string, Map<string, number>>();
  private count = 0;
  /** By context: its property names at the last recording, in order, if all of them are recorded. */
  private last = new Map<string, readonly string[]>();
  /** The entry of `last` that was set most recently. */
  private latest: { readonly name: string; readonly names: readonly string[] } | undefined;

  constructor(private readonly maxFields: number) {}

  get isEmpty(): boolean {
    return this.count === 0;
  }

  private get isFull(): boolean {
    return this.count >= this.maxFields;
  }

  /** Records the properties of a context. A context with the same names as the one before it costs one comparison. */
  record(name: string, properties: PropertyRecord): void {
    if (this.isFull) return;
    const { latest } = this;
    const last = latest?.name === name ? latest.names : this.last.get(name);
    if (last !== undefined && hasNames(properties, last)) return;
    const names: string[] = [];
    let recorded = true;
    for (const property in properties) {
      if (names.length >= MAX_PROPERTIES) break;
      names.push(property);
      recorded =
        this.recordField(name, property, properties) &&
        recorded &&
        property.length <= MAX_NAME_CHARACTERS;
    }
    if (!recorded || names.length === 0 || name.length > MAX_NAME_CHARACTERS) return;
    this.last.set(name, names);
    this.latest = { name, names };
  }

  /** Closes the window and starts the next. */
  take(): ReadonlyMap<string, ReadonlyMap<string, number>> | undefined {
    const { fields, isEmpty } = this;
    this.fields = new Map();
    this.last = new Map();
    this.latest = undefined;
    this.count = 0;
    return isEmpty ? undefined : fields;
  }

  /** Returns whether the property is recorded, now or before. */
  private recordField(context: string, property: string, properties: PropertyRecord): boolean {
    if (!Object.hasOwn(properties, property)) return false;
    const name = boundedName(context);
    const field = boundedName(property);
    let fields = this.fields.get(name);
    if (fields?.has(field)) return true;
    if (this.isFull) return false;
    const type = typeAt(properties, property);
    if (type === undefined) return false;
    if (fields === undefined) {
      fields = new Map();
      this.fields.set(name, fields);
    }
    this.count++;
    fields.set(field, type);
    return true;
  }
}

function boundedName(name: string): string {
  return truncate(MAX_NAME_CHARACTERS, name);
}

/** Whether a context has exactly these property names, in this order. Names after `MAX_PROPERTIES` are ignored. */
function hasNames(properties: PropertyRecord, names: readonly string[]): boolean {
  let at = 0;
  for (const property in properties) {
    if (names[at] !== property) return at === MAX_PROPERTIES;
    at++;
  }
  return at === names.length;
}

/** Returns the type of a property; `undefined` if its value is `undefined` or its getter throws. */
function typeAt(properties: PropertyRecord, property: string): number | undefined {
  try {
    const value = properties[property];
    return value === undefined ? undefined : typeOf(value);
  } catch {
    return undefined;
  }
}

function typeOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? INTEGER : DOUBLE;
    case 'boolean':
      return BOOLEAN;
    default:
      return Array.isArray(value) ? LIST : STRING;
  }
}
