import { MAX_NAME_CHARACTERS } from '../bounds.js';
import type { ContextProperties } from '../../model/index.js';
import { textWithin } from '../bounded-text.js';
import { MAX_PROPERTIES } from '../bounds.js';

/** Types of properties as numbers of the wire. */
const INTEGER = 1;
/** And everything that has no number of its own. */
const TEXT = 2;
const DOUBLE = 4;
const BOOLEAN = 5;
const LIST = 10;

/** The names and types of the properties of contexts, as seen in one window. The first type seen of a property stays. */
export class ContextShapes {
  private fields = new Map<string, Map<string, number>>();
  private count = 0;
  /** By context, the names of its properties as they were last seen, in order: all of them are noted. */
  private last = new Map<string, readonly string[]>();
  /** The latest entry of that. */
  private latest: { readonly name: string; readonly names: readonly string[] } | undefined;

  constructor(private readonly maxFields: number) {}

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Whether there is nothing left to look for in this window. */
  private get isFull(): boolean {
    return this.count >= this.maxFields;
  }

  /** Notes the properties of a context; one that looks like the one before it is only compared. */
  record(name: string, properties: ContextProperties): void {
    if (this.isFull) return;
    const { latest } = this;
    const last = latest?.name === name ? latest.names : this.last.get(name);
    if (last !== undefined && hasNames(properties, last)) return;
    const names: string[] = [];
    let noted = true;
    for (const property in properties) {
      if (names.length >= MAX_PROPERTIES) break;
      names.push(property);
      noted =
        this.note(name, property, properties) && noted && property.length <= MAX_NAME_CHARACTERS;
    }
    if (!noted || names.length === 0 || name.length > MAX_NAME_CHARACTERS) return;
    this.last.set(name, names);
    this.latest = { name, names };
  }

  /** Closes the window and opens the next. */
  take(): ReadonlyMap<string, ReadonlyMap<string, number>> | undefined {
    const { fields, isEmpty } = this;
    this.fields = new Map();
    this.last = new Map();
    this.latest = undefined;
    this.count = 0;
    return isEmpty ? undefined : fields;
  }

  /** Whether the property need not be looked at again in this window. */
  private note(context: string, property: string, properties: ContextProperties): boolean {
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
  return textWithin(MAX_NAME_CHARACTERS, name);
}

/** Whether a context has properties of these names, in this order; as far as it is looked at. */
function hasNames(properties: ContextProperties, names: readonly string[]): boolean {
  let at = 0;
  for (const property in properties) {
    if (names[at] !== property) return at === MAX_PROPERTIES;
    at++;
  }
  return at === names.length;
}

/** `undefined` for a property that is as good as absent. */
function typeAt(properties: ContextProperties, property: string): number | undefined {
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
      return Array.isArray(value) ? LIST : TEXT;
  }
}
