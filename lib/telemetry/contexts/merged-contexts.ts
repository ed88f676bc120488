import type { ContextProperties, Contexts, ContextTier } from '../../model/index.js';
import { MAX_CONTEXTS } from '../bounds.js';

/**
 * Visits the contexts that a read sees: those of the call, then of each tier outwards, as many as are looked at. A nearer
 * context hides those of its name that are farther out. Whatever throws (a getter, a proxy, the visitor) counts as absent.
 */
export function eachContext(
  call: Contexts | undefined,
  base: ContextTier | undefined,
  visit: (name: string, properties: ContextProperties) => void,
): void {
  let left = MAX_CONTEXTS;
  try {
    for (const name in call) {
      if (left-- <= 0) return;
      if (Object.prototype.hasOwnProperty.call(call, name)) visitIn(call, name, visit);
    }
  } catch {
    // A proxy that does not say what it holds.
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
  visit: (name: string, properties: ContextProperties) => void,
): void {
  try {
    const context = contexts[name];
    if (isContext(context)) visit(name, context);
  } catch {
    // As if it were absent.
  }
}

/** Bytes and lists are none, however many elements they have to look at. */
export function isContext(context: unknown): context is ContextProperties {
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
