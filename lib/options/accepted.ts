import { isJsonObject } from '../model/index.js';
import { MAX_TIMER_MS } from '../requests/index.js';

/** What an option accepts, in words and as a test. */
export interface Accepted {
  readonly accepted: string;
  readonly accepts: (value: unknown) => boolean;
}

export const BOOLEAN: Accepted = {
  accepted: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

export const FUNCTION: Accepted = {
  accepted: 'a function',
  accepts: (value) => typeof value === 'function',
};

export const MILLISECONDS: Accepted = {
  accepted: `a number of milliseconds above 0 and up to ${MAX_TIMER_MS}`,
  accepts: (value) => typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS,
};

/** `addressProblems` checks all URLs together, so that one error names every invalid one. */
export const URL_STRING: Accepted = { accepted: 'a URL', accepts: () => true };

export const CONTEXTS: Accepted = {
  accepted: 'an object of contexts, each an object of properties',
  accepts: (value) => isJsonObject(value) && valuesOf(value).every(isJsonObject),
};

export const LOGGER: Accepted = {
  accepted: 'an object with the methods warn and error, and optionally debug and info',
  accepts: (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const { debug, info, warn, error } = value as Record<string, unknown>;
    const optional = [debug, info].filter((method) => method !== undefined && method !== null);
    return [warn, error, ...optional].every((method) => typeof method === 'function');
  },
};

/** @param accepted what the string stands for, e.g. `the key of a config` */
export function nonEmptyString(accepted: string): Accepted {
  return { accepted, accepts: isNonEmptyString };
}

/** @param unit what is counted, e.g. `bytes` */
export function positiveInteger(unit: string): Accepted {
  return {
    accepted: `a whole number of ${unit} above 0`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  };
}

export function oneOf(...words: string[]): Accepted {
  const quoted = words.map((word) => `"${word}"`);
  return {
    accepted: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    accepts: (value) => words.includes(value as string),
  };
}

export function isNonEmptyString(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function valuesOf(contexts: object): unknown[] {
  try {
    return Object.values(contexts);
  } catch {
    // A getter throws. Reads treat that property as absent, so the other contexts can be used.
    return [];
  }
}
