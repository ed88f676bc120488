/**
 * The properties of one named context.
 *
 * @publicApi
 */
export type ContextProperties = Record<string, unknown>;

/**
 * The named contexts that rules are evaluated against, e.g. `{ user: { key: 'u-1', plan: 'pro' } }`.
 *
 * @publicApi
 */
export type Contexts = Record<string, ContextProperties>;

/** Name of the context through which rules match the path of a logger. */
export const LOGGING_CONTEXT = 'quonfig-sdk-logging';

/**
 * A tier of contexts that outlives a call: bound, global or developer contexts. A context is searched from the innermost
 * tier outwards and taken whole from the first tier that names it: contexts are never merged, so reads allocate nothing.
 */
export interface ContextTier {
  readonly contexts: Contexts;
  /** Searched for contexts that this tier does not name. */
  readonly outer: ContextTier | undefined;
}

/**
 * Creates a tier that takes precedence over `outer`. Contexts are copied two levels deep, so later changes of the caller's
 * objects have no effect. A property whose getter throws is omitted.
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
      // A getter or proxy threw: the property counts as absent.
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
