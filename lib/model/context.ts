/** The properties of one named context. */
export type ContextProperties = Record<string, unknown>;

/** What a rule is evaluated against: named contexts, e.g. `{ user: { key: 'u-1', plan: 'pro' } }`. */
export type Contexts = Record<string, ContextProperties>;

/** Name of the context in which rules see the path of a logger. */
export const LOGGING_CONTEXT = 'quonfig-sdk-logging';

/**
 * A tier of contexts that outlives a call: bound, global or developer context. Tiers are looked through from the nearest
 * to the farthest, whole contexts at a time; they are never merged.
 */
export interface ContextTier {
  readonly contexts: Contexts;
  /** The next tier to look at, for contexts this one does not name. */
  readonly outer: ContextTier | undefined;
}

/**
 * Puts a tier in front of others. The contexts are copied two levels deep, so that the caller may go on changing its
 * objects; a property whose getter throws is left out.
 */
export function contextTier(contexts: unknown, outer?: ContextTier): ContextTier | undefined {
  const copy = copyContexts(contexts);
  return copy === undefined ? outer : { contexts: copy, outer };
}

function copyContexts(contexts: unknown): Contexts | undefined {
  return isObject(contexts) ? (copyEach(contexts, copyContext) as Contexts) : undefined;
}

function copyContext(properties: unknown): ContextProperties {
  return isObject(properties) ? copyEach(properties, copyProperty) : emptyRecord();
}

function copyProperty(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])] : value;
}

function copyEach(object: object, copy: (value: unknown) => unknown): Record<string, unknown> {
  const copies = emptyRecord();
  for (const name of namesOf(object)) {
    try {
      const value = (object as Record<string, unknown>)[name];
      if (value !== undefined) copies[name] = copy(value);
    } catch {
      // A getter or proxy that throws: as if the property were absent.
    }
  }
  return copies;
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

function emptyRecord(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
