import {
  type Contexts,
  type ContextTier,
  isOrdinary,
  propertiesOf,
  type PropertyRecord,
  type WarnsOnce,
} from '../model/index.js';

/** Like `Object.hasOwn`, at two thirds of its cost: the engine optimizes this form better. */
export function hasOwn(object: object, name: string): boolean {
  return Object.prototype.hasOwnProperty.call(object, name);
}

/** A property name, split into context and property. */
export interface PropertyPath {
  readonly context: string;
  readonly property: string;
}

/** `user.address.city` is property `address.city` of context `user`. Without a dot, the context name is empty. */
export function propertyPath(name: string | undefined): PropertyPath {
  const path = name ?? '';
  const dot = path.indexOf('.');
  return dot < 0
    ? { context: '', property: path }
    : { context: path.slice(0, dot), property: path.slice(dot + 1) };
}

/**
 * Returns the context of a name: from the contexts of the call, else from the nearest tier that has one. Only own
 * properties count, and a property whose getter or proxy throws counts as absent, because contexts can contain user input.
 */
export function contextNamed(
  name: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
  warns?: WarnsOnce,
): PropertyRecord | undefined {
  if (call !== undefined) {
    try {
      const context: unknown = call[name];
      if (context !== undefined && hasOwn(call, name)) {
        return isOrdinary(context) ? context : propertiesOf(context, name, warns);
      }
    } catch {
      return refusingContext(name, call, warns);
    }
  }
  return base === undefined ? undefined : contextInTiers(name, base);
}

/** The context of a call for which a getter or proxy threw: its own, or that of the context when asked for its class. */
function refusingContext(
  name: string,
  call: Contexts,
  warns: WarnsOnce | undefined,
): PropertyRecord | undefined {
  try {
    return hasOwn(call, name) ? propertiesOf(call[name], name, warns) : undefined;
  } catch {
    return undefined;
  }
}

/** A function of its own, so that reads without tiers stay small enough for the engine to inline. */
function contextInTiers(name: string, base: ContextTier): PropertyRecord | undefined {
  for (let tier: ContextTier | undefined = base; tier !== undefined; tier = tier.outer) {
    // Tiers are copies without a prototype, so every property is an own one.
    const context = tier.contexts[name];
    if (context !== undefined) return context;
  }
  return undefined;
}

/** Returns an own property of a context. Throws if a getter or proxy throws. */
export function ownProperty(context: PropertyRecord | undefined, property: string): unknown {
  return context !== undefined && hasOwn(context, property) ? context[property] : undefined;
}

const CURRENT_TIME = new Set(
  ['quonfig', 'prefab', 'reforge'].map((context) => `${context}.current-time`),
);

/** Whether a property name refers to the clock instead of a context. */
export function isCurrentTime(name: string | undefined): boolean {
  return name !== undefined && CURRENT_TIME.has(name);
}
