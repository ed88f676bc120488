import { createHash } from 'node:crypto';
import { type ContextProperties, LOGGING_CONTEXT } from '../model/index.js';
import { textWithin } from './bounded-text.js';
import { scalarOf } from './example-json.js';

/** Characters of the identity of one context, and of several together; a longer one of these is remembered by its hash. */
const MAX_IDENTITY = 256;
const MAX_JOINED = 512;

/** What tells whose context it is: its `key`, else its `trackingId`; empty when it has neither. */
export function identityOf(name: string, properties: ContextProperties): string {
  // A user seen by many loggers is one user.
  if (name === LOGGING_CONTEXT) return '';
  // The names stand here as constants: so the engine knows the way to them.
  const key = properties['key'];
  if (key !== undefined && Object.prototype.hasOwnProperty.call(properties, 'key')) {
    const text = identityText(key);
    if (text !== '') return text;
  }
  const trackingId = properties['trackingId'];
  return trackingId !== undefined && Object.hasOwn(properties, 'trackingId')
    ? identityText(trackingId)
    : '';
}

/** The identity of contexts that are seen together. */
export function joinedIdentity(identities: string[]): string {
  const joined = identities.sort().join('|');
  if (joined.length <= MAX_JOINED) return joined;
  return createHash('sha256').update(joined).digest('base64url');
}

/** As it stands in an example. */
function identityText(value: unknown): string {
  if (typeof value === 'string') return textWithin(MAX_IDENTITY, value);
  return textWithin(MAX_IDENTITY, String(scalarOf(value) ?? ''));
}
