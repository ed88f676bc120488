import { contextUnreadable } from './context.messages.js';

/** The properties of a context by name, as the SDK reads them. */
export type PropertyRecord = Readonly<Record<string, unknown>>;

/** Logs each warning once per service. */
export interface WarnsOnce {
  warnOnce(message: string): void;
}

/**
 * Returns the object whose own properties rules match and telemetry records: the context itself, or what its `toJSON()`
 * returned if it is no plain object. Returns `undefined` for anything but an object.
 *
 * @param warns told of an instance of a class without any property of its own
 */
export function propertiesOf(
  context: unknown,
  name: string,
  warns?: WarnsOnce,
): PropertyRecord | undefined {
  try {
    if (isOrdinary(context)) return context;
  } catch {
    // A getter or proxy threw.
  }
  return propertiesOfOther(context, name, warns);
}

/**
 * Whether a context is a plain object, by the cheapest test there is: most are, and every read makes it. A primitive has
 * another constructor. Throws if a getter or proxy throws.
 */
export function isOrdinary(context: unknown): context is PropertyRecord {
  return context !== undefined && context !== null && context.constructor === Object;
}

/** Results of `toJSON()`, which is called once per object because it may be expensive. */
const jsonForms = new WeakMap<object, object>();
/** Prototypes of classes whose instances have properties of their own. */
const readable = new WeakSet<object>();

function propertiesOfOther(
  context: unknown,
  name: string,
  warns: WarnsOnce | undefined,
): PropertyRecord | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  try {
    const hasForm = typeof (context as { toJSON?: unknown }).toJSON === 'function';
    const properties = hasForm ? (jsonForms.get(context) ?? jsonFormOf(context)) : context;
    if (properties === context && warns !== undefined) warnIfUnreadable(context, name, warns);
    return properties as PropertyRecord;
  } catch {
    // A getter or proxy threw.
    return context as PropertyRecord;
  }
}

/** Returns the result of `toJSON()` if it is an object with properties, else the object itself. */
function jsonFormOf(context: object): object {
  // The form of binary data is a list of its bytes.
  if (isPlain(context) || ArrayBuffer.isView(context)) return context;
  // Set first, so that a read within `toJSON()` does not call it again.
  jsonForms.set(context, context);
  let form: unknown;
  try {
    form = (context as { toJSON(): unknown }).toJSON();
    if (!hasProperties(form)) return context;
  } catch {
    return context;
  }
  jsonForms.set(context, form);
  return form;
}

function hasProperties(form: unknown): form is object {
  if (typeof form !== 'object' || form === null) return false;
  if (typeof (form as { then?: unknown }).then === 'function') {
    // Otherwise a rejection would be unhandled and could end the process.
    Promise.resolve(form).catch(() => undefined);
    return false;
  }
  return !Array.isArray(form) && !ArrayBuffer.isView(form);
}

function warnIfUnreadable(context: object, name: string, warns: WarnsOnce): void {
  const prototype = Object.getPrototypeOf(context) as object | null;
  if (prototype === null || readable.has(prototype)) return;
  if (Object.getOwnPropertyNames(context).length > 0) readable.add(prototype);
  else if (!isPlain(context)) warns.warnOnce(contextUnreadable(name, classNameOf(context)));
}

/** Plain objects of another realm, such as a test runner's, have another `Object.prototype`. */
function isPlain(context: object): boolean {
  const prototype = Object.getPrototypeOf(context) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const MAX_CLASS_NAME = 100;

function classNameOf(context: object): string {
  const name: unknown = context.constructor?.name;
  return typeof name === 'string' && name !== '' && name.length <= MAX_CLASS_NAME
    ? name
    : 'a class';
}
