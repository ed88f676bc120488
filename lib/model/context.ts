import { propertiesOf, type PropertyRecord, type WarnsOnce } from './context-properties.js';

/**
 * One named context: an object whose properties rules match. It may be an instance of a class.
 *
 * @publicApi
 */
export type ContextProperties = object;

/**
 * The named contexts that rules are evaluated against, e.g. `{ user: { key: 'u-1', plan: 'pro' } }`.
 *
 * @publicApi
 */
export type Contexts = Record<string, ContextProperties | undefined>;

/**
 * Contexts as the SDK returns them: by name, with the properties that rules match.
 *
 * @publicApi
 */
export type NamedContexts = Record<string, Readonly<Record<string, unknown>> | undefined>;

/** Name of the context through which rules match the path of a logger. */
export const LOGGING_CONTEXT = 'quonfig-sdk-logging';

/**
 * A tier of contexts that outlives a call: bound, global or developer contexts. A context is searched from the innermost
 * tier outwards and taken whole from the first tier that names it: contexts are never merged, so reads allocate nothing.
 */
export interface ContextTier {
  readonly contexts: Readonly<Record<string, PropertyRecord>>;
  /** Searched for contexts that this tier does not name. */
  readonly outer: ContextTier | undefined;
}

/**
 * Creates a tier that takes precedence over `outer`. Contexts are copied two levels deep, so later changes of the caller's
 * objects have no effect. A property whose getter throws is omitted.
 */
export function contextTier(
  contexts: unknown,
  outer?: ContextTier,
  warns?: WarnsOnce,
): ContextTier | undefined {
  if (!isObject(contexts)) return outer;
  const copies: Record<string, PropertyRecord> = new Bare();
  forEachReadable(contexts, (context, name) => {
    copies[name] = copyOfProperties(propertiesOf(context, name, warns) ?? {});
  });
  return { contexts: copies, outer };
}

/** An object without a prototype. The engine keeps `Object.create(null)` as a dictionary, which is slower to fill and to read. */
class Bare {
  [name: string]: never;
}
Object.setPrototypeOf(Bare.prototype, null);
Reflect.deleteProperty(Bare.prototype, 'constructor');

function copyOfProperties(properties: PropertyRecord): PropertyRecord {
  let copy: Record<string, unknown>;
  try {
    copy = { ...properties };
  } catch {
    copy = new Bare();
    forEachReadable(properties, (value, name) => void (copy[name] = value));
  }
  for (const name in copy) {
    const value = copy[name];
    if (typeof value === 'object') copy[name] = copyOfValue(value);
  }
  return copy;
}

function copyOfValue(value: unknown): unknown {
  try {
    return Array.isArray(value) ? [...(value as unknown[])] : value;
  } catch {
    // A proxy of a list threw: the property counts as absent.
    return undefined;
  }
}

/** Visits the properties that have a value. */
function forEachReadable(object: object, visit: (value: unknown, name: string) => void): void {
  for (const name of namesOf(object)) {
    try {
      const value = (object as PropertyRecord)[name];
      if (value !== undefined) visit(value, name);
    } catch {
      // A getter or proxy threw: the property counts as absent.
    }
  }
}

function namesOf(object: object): string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
