import type { Contexts } from '../../index.js';

/** The longest text that is decoded, in bytes; longer ones are refused with status 414. */
export const MAX_CONTEXT_TEXT_BYTES = 64 * 1024;

/**
 * Decodes the contexts in the path of a request: base64 or base64url of their JSON, with or without padding, percent-encoded
 * or not.
 *
 * @returns `undefined` if it is anything else
 */
export function contextsIn(text: string): Contexts | undefined {
  try {
    const base64 = /^([\w+/-]+)={0,2}$/.exec(decodeURIComponent(text))?.[1];
    if (base64 === undefined) return undefined;
    const json = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
    const contexts: unknown = JSON.parse(json);
    const areContexts = isObject(contexts) && Object.values(contexts).every(isObject);
    return areContexts ? (contexts as Contexts) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
