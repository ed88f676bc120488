import type { Attributes } from '@opentelemetry/api';
import type { QuonfigRead } from '../index.js';
import { ATTR_QUONFIG_INSTANCE } from './quonfig-attributes.js';
import * as convention from './semantic-conventions.js';

/** What the attributes of an event contain besides those that all have. */
export interface EventAttributes {
  /** Name of the service. */
  readonly name: string | undefined;
  /** Whether values are recorded. */
  readonly values: boolean;
  /** The property that identifies whom the read was for. */
  readonly contextId: ContextProperty | undefined;
}

/** A property of the contexts. */
export interface ContextProperty {
  readonly context: string;
  readonly property: string;
}

/** Returns what `user.key` refers to: the name of the context ends at the first dot, and is `''` without one. */
export function contextProperty(path: string): ContextProperty {
  const dot = path.indexOf('.');
  return { context: path.slice(0, Math.max(dot, 0)), property: path.slice(dot + 1) };
}

/** Returns the attributes of the event for a read. Secret values are never among them. */
export function eventAttributes(
  read: QuonfigRead,
  { name, values, contextId }: EventAttributes,
): Attributes {
  const { reason, variant, errorCode, errorMessage } = read.details;
  return {
    [convention.ATTR_FEATURE_FLAG_KEY]: read.key,
    [convention.ATTR_FEATURE_FLAG_PROVIDER_NAME]: 'quonfig',
    [convention.ATTR_FEATURE_FLAG_RESULT_VARIANT]: variant,
    [convention.ATTR_FEATURE_FLAG_RESULT_REASON]: reason.toLowerCase(),
    ...present(convention.ATTR_FEATURE_FLAG_SET_ID, read.environment || undefined),
    ...present(convention.ATTR_FEATURE_FLAG_VERSION, read.version || undefined),
    ...present(convention.ATTR_ERROR_TYPE, errorCode?.toLowerCase()),
    ...present(convention.ATTR_FEATURE_FLAG_ERROR_MESSAGE, errorMessage),
    ...present(convention.ATTR_FEATURE_FLAG_CONTEXT_ID, contextId && idIn(read, contextId)),
    ...present(
      convention.ATTR_FEATURE_FLAG_RESULT_VALUE,
      values && !read.isSecret ? attributeValue(read.value) : undefined,
    ),
    ...present(ATTR_QUONFIG_INSTANCE, name),
  };
}

function present(name: string, value: Attributes[string]): Attributes {
  return value === undefined ? {} : { [name]: value };
}

/** Returns the property as a string; `undefined` if it is missing, is not a string or number, or its getter throws. */
function idIn(
  { contexts }: QuonfigRead,
  { context, property }: ContextProperty,
): string | undefined {
  const properties = Object.hasOwn(contexts, context) ? contexts[context] : undefined;
  if (properties === undefined) return undefined;
  try {
    const own = Object.getOwnPropertyDescriptor(properties, property);
    const id: unknown = own && Reflect.get(properties, property);
    return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
  } catch {
    return undefined;
  }
}

/** Span events hold primitive values and lists of them; JSON becomes text, in logs too, to look the same in both. */
function attributeValue(value: unknown): Attributes[string] {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      return isListOfStrings(value) ? value : jsonText(value);
    default:
      return undefined;
  }
}

function isListOfStrings(value: object | null): value is string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

/** Returns `undefined` for a default that is not JSON. */
function jsonText(value: object | null): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
