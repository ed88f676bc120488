/** The properties of one named context. */
export type ContextProperties = Record<string, unknown>;

/** What a rule is evaluated against: named contexts, e.g. `{ user: { key: 'u-1', plan: 'pro' } }`. */
export type Contexts = Record<string, ContextProperties>;

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
  if (typeof contexts !== 'object' || contexts === null) return undefined;
  const copy = emptyRecord() as Contexts;
  for (const [name, properties] of ownEntries(contexts)) {
    const context = emptyRecord();
    if (typeof properties === 'object' && properties !== null) {
      for (const [property, value] of ownEntries(properties)) {
        context[property] = Array.isArray(value) ? [...value] : value;
      }
    }
    copy[name] = context;
  }
  return copy;
}

function* ownEntries(object: object): Generator<[string, unknown]> {
  for (const name of Object.keys(object)) {
    try {
      yield [name, (object as Record<string, unknown>)[name]];
    } catch {
      // A getter that throws: as if the property were absent.
    }
  }
}

function emptyRecord(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
