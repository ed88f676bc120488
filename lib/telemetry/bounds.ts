import { cutText } from '../model/index.js';

// Fixed bounds of telemetry. They limit what one read, one window and the process can cost; other bounds are options.

/** Contexts of one read that are recorded. */
export const MAX_CONTEXTS = 100;
/** Properties of one context that are recorded. */
export const MAX_PROPERTIES = 1_000;
/** Elements of one list that are recorded. */
export const MAX_ELEMENTS = 100;
/** Average number of counters per config. Without it, a value that differs with each read would grow without bound. */
export const COUNTERS_PER_CONFIG = 10;
/** Characters of all counters in one window. */
export const MAX_COUNTS_CHARACTERS = 8_000_000;
/** Identities remembered as reported within the last hour. */
export const MAX_IDENTITIES = 100_000;
/** Characters of one example. */
export const MAX_EXAMPLE_CHARACTERS = 16_384;
/** Characters of all examples in one window. */
export const MAX_EXAMPLES_CHARACTERS = 8 * 1_024 * 1_024;
/** Characters of one identifying value. */
export const MAX_IDENTITY_CHARACTERS = 256;
/** Characters of all identifying values of a read together. */
export const MAX_JOINED_IDENTITY_CHARACTERS = 512;
/** Characters of one string in an example. */
export const MAX_EXAMPLE_VALUE_CHARACTERS = 1_024;
/** Characters of the name of a context or property. */
export const MAX_NAME_CHARACTERS = 256;
/** Properties of one context in an example. */
export const MAX_EXAMPLE_PROPERTIES = 100;
/** Characters of one reported value. */
export const MAX_VALUE_CHARACTERS = 1_024;
/** Characters of one reported list. */
export const MAX_LIST_CHARACTERS = 4_096;
/** Context names remembered by `redactContext`. */
export const MAX_REDACTED_NAMES = 1_000;

/**
 * Returns a well-formed string cut to a length. A cut string is copied, because a slice would keep the whole original
 * alive.
 */
export function truncate(maxLength: number, string: string): string {
  const cut = cutText(maxLength, string);
  return string.length <= maxLength ? cut : compactCopy(cut);
}

/** Copies a string into memory of its own, at one byte per character if all characters allow it. */
export function compactCopy(string: string): string {
  const narrow = Buffer.from(string, 'latin1').toString('latin1');
  return narrow === string ? narrow : Buffer.from(string, 'utf16le').toString('utf16le');
}
