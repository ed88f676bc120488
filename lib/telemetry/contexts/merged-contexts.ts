import { MAX_CONTEXTS, MAX_ELEMENTS, MAX_PROPERTIES, MAX_REDACTED_NAMES } from '../bounds.js';
import {
  type ContextProperties,
  type Contexts,
  type ContextTier,
  propertiesOf,
  type PropertyRecord,
} from '../../model/index.js';

/**
 * Visits the contexts of a read: those of the call, then those of each tier outwards, up to `MAX_CONTEXTS`. A context
 * takes precedence over contexts of the same name farther out. Whatever throws (a getter, a proxy, the visitor) counts as
 * absent.
 */
export function eachContext(
  call: Contexts | undefined,
  base: ContextTier | undefined,
  visit: (name: string, properties: PropertyRecord) => void,
): void {
  let left = MAX_CONTEXTS;
  try {
    for (const name in call) {
      if (left-- <= 0) return;
      if (Object.prototype.hasOwnProperty.call(call, name)) visitIn(call, name, visit);
    }
  } catch {
    // A proxy that does not list its properties.
  }
  for (let tier = base; tier !== undefined; tier = tier.outer) {
    for (const name in tier.contexts) {
      if (left-- <= 0) return;
      if (!isNamedBefore(name, tier, call, base)) visitIn(tier.contexts, name, visit);
    }
  }
}

function visitIn(
  contexts: Contexts,
  name: string,
  visit: (name: string, properties: PropertyRecord) => void,
): void {
  try {
    const context: unknown = contexts[name];
    if (isContext(context)) visit(name, propertiesOf(context, name)!);
  } catch {
    // A getter or proxy threw: the context counts as absent.
  }
}

/** Whether a value is a context. Lists and binary data are not, so their elements are never visited. */
export function isContext(context: unknown): context is PropertyRecord {
  if (typeof context !== 'object' || context === null) return false;
  return !Array.isArray(context) && !ArrayBuffer.isView(context);
}

function isNamedBefore(
  name: string,
  end: ContextTier,
  call: Contexts | undefined,
  base: ContextTier | undefined,
): boolean {
  try {
    if (call !== undefined && call[name] !== undefined && Object.hasOwn(call, name)) return true;
  } catch {
    return true;
  }
  for (let tier = base; tier !== undefined && tier !== end; tier = tier.outer) {
    if (tier.contexts[name] !== undefined) return true;
  }
  return false;
}

/**
 * Returns what telemetry may keep of a context; `undefined` leaves the context out. Called during a read, once per object
 * and report, with a copy. It must be synchronous; if it throws, the context is left out.
 *
 * @publicApi
 */
export type RedactContext = (
  contextName: string,
  properties: Record<string, unknown>,
) => ContextProperties | undefined;

/** The contexts of a read after `redactContext`, which is called once per object and window. */
export class RedactedContexts {
  /** Results by context name, then by object. */
  private results = new Map<string, WeakMap<object, PropertyRecord | undefined>>();

  constructor(
    private readonly redact: RedactContext,
    private readonly failed: () => void,
  ) {}

  /** Returns the merged contexts of a read, redacted. */
  contextsOf(call: Contexts | undefined, base: ContextTier | undefined): Contexts {
    const redacted = Object.create(null) as Contexts;
    eachContext(call, base, (name, properties) => {
      const result = this.resultFor(name, properties);
      if (result !== undefined) redacted[name] = result;
    });
    return redacted;
  }

  /** Starts the next window. */
  startWindow(): void {
    this.results = new Map();
  }

  private resultFor(name: string, properties: PropertyRecord): PropertyRecord | undefined {
    const results = this.resultsOf(name);
    if (results.has(properties)) return results.get(properties);
    const copy = copyOfContext(properties);
    let result: PropertyRecord | undefined;
    try {
      result = checkedResult(this.redact(name, copy));
    } catch {
      this.failed();
    }
    results.set(properties, result);
    return result;
  }

  private resultsOf(name: string): WeakMap<object, PropertyRecord | undefined> {
    const known = this.results.get(name);
    if (known !== undefined) return known;
    if (this.results.size >= MAX_REDACTED_NAMES) this.results.clear();
    const results = new WeakMap<object, PropertyRecord | undefined>();
    this.results.set(name, results);
    return results;
  }
}

/** @throws if the result is neither properties nor `undefined` */
function checkedResult(result: unknown): PropertyRecord | undefined {
  if (result === undefined) return undefined;
  if (!isContext(result)) throw new TypeError('not a context');
  if (typeof result['then'] === 'function') {
    // Otherwise a rejection would be unhandled and could end the process.
    Promise.resolve(result).catch(() => undefined);
    throw new TypeError('a promise');
  }
  return result;
}

/**
 * Copies the recorded part of a context, so that `redactContext` cannot modify the original. Nested objects become empty
 * objects; a property whose getter throws is left out.
 */
function copyOfContext(properties: PropertyRecord): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  let visited = 0;
  for (const property in properties) {
    if (++visited > MAX_PROPERTIES) break;
    try {
      if (Object.hasOwn(properties, property))
        entries.push([property, copyOf(properties[property])]);
    } catch {
      // A getter or proxy threw: the property counts as absent.
    }
  }
  return Object.fromEntries(entries);
}

function copyOf(value: unknown): unknown {
  if (!Array.isArray(value)) return copyOfElement(value);
  const length = Math.min(value.length, MAX_ELEMENTS);
  return Array.from({ length }, (_, index) => copyOfElement(value[index]));
}

function copyOfElement(value: unknown): unknown {
  if (value instanceof Date) return new Date(value.getTime());
  const isMutable = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return isMutable ? {} : value;
}
