import { isIP } from 'node:net';
import { errorCode, wellFormedCode } from './error-code.js';

const MAX_CAUSES = 5;

/** Messages without a code with which Node's `fetch` refuses a request by itself. They are fixed, so they quote nothing. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  'bad port',
  'blocked',
  'proxy authentication required',
  'redirect count exceeded',
  'unexpected redirect',
  'unknown scheme',
]);

/**
 * Returns why a request failed: the code of the innermost cause that has one, because the error of `fetch` itself has none.
 * Returns no other message than those of Node's `fetch`, because a custom `fetch` may include the headers in it. Never throws,
 * even if accessors of the error do.
 */
export function failureCode(thrown: unknown): string {
  const causes = causesOf(thrown);
  for (const cause of causes) {
    const known = wellFormedCode(cause) ?? refusalOf(cause);
    if (known !== undefined) return known;
  }
  return errorCode(causes[0]);
}

/** Returns the {@link failureCode}; for failed connections, one for each address that was tried. */
export function failureReason(thrown: unknown): string {
  const code = failureCode(thrown);
  const attempts = connectionsOf(thrown).flatMap((error) => attemptOf(error) ?? []);
  return attempts.length === 0 ? code : [...new Set(attempts)].join(', ');
}

/** The error and its causes, the innermost first. */
function causesOf(thrown: unknown): unknown[] {
  const causes = [thrown];
  try {
    // Limit the depth: a chain of causes can be a cycle.
    while (causes.length <= MAX_CAUSES) {
      const [inner] = causes;
      const cause = inner instanceof AggregateError ? inner.errors[0] : (inner as Error).cause;
      if (!(cause instanceof Error)) break;
      causes.unshift(cause);
    }
  } catch {
    // An accessor or a proxy of the application threw. Use the causes found so far.
  }
  return causes;
}

/** The errors of all connections that were tried for a request: a host can have several addresses. */
function connectionsOf(thrown: unknown): unknown[] {
  const causes = causesOf(thrown);
  try {
    const several = causes.find((cause) => cause instanceof AggregateError);
    if (several !== undefined) return [...several.errors];
  } catch {
    // As above.
  }
  return causes.slice(0, 1);
}

/** E.g. `ECONNREFUSED 127.0.0.1:443`. */
function attemptOf(error: unknown): string | undefined {
  try {
    const { address, port } = error as { address?: unknown; port?: unknown };
    const code = wellFormedCode(error);
    if (code === undefined || typeof address !== 'string' || !Number.isInteger(port)) {
      return undefined;
    }
    const version = isIP(address);
    if (version === 0) return undefined;
    return `${code} ${version === 6 ? `[${address}]` : address}:${port as number}`;
  } catch {
    return undefined;
  }
}

function refusalOf(error: unknown): string | undefined {
  try {
    const { message } = error as Error;
    return REFUSALS.has(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
