import type { Contexts } from '../index.js';
import {
  contextsMalformed,
  contextsTooLarge,
  otherSite,
  overridesMalformed,
} from './inspector.messages.js';
import type { KeyQuery } from './key-list.js';

/** What the requests of Express and Fastify have in common. */
export interface InspectorRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query?: unknown;
  readonly params?: unknown;
}

interface Transported {
  /** Of Express and Fastify, which follow their options for proxies. */
  readonly protocol?: string;
}

/** A request that cannot be answered. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly message: string,
  ) {}
}

/** The contexts, as base64url of their JSON. A header, because URLs end up in logs, and contexts name people. */
const CONTEXTS_HEADER = 'x-quonfig-contexts';

/** What to override, as base64url of its JSON: a page of another site cannot send it without being asked for permission. */
const OVERRIDES_HEADER = 'x-quonfig-override-values';

const MAX_CONTEXTS = 8_192;
const MAX_LIMIT = 200;

export function parameter({ query }: InspectorRequest, name: string): string | undefined {
  const value = (query as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws {Refusal} the contexts cannot be read */
export function contextsOf({ headers }: InspectorRequest): Contexts {
  const header = headers[CONTEXTS_HEADER];
  if (header === undefined || header === '') return {};
  const text = Buffer.from(String(header), 'base64url').toString('utf8');
  if (text.length > MAX_CONTEXTS) throw new Refusal(413, contextsTooLarge);
  const contexts = parsed(text);
  if (!isRecord(contexts) || !Object.values(contexts).every(isRecord)) {
    throw new Refusal(400, contextsMalformed);
  }
  return contexts as Contexts;
}

export function keyQueryOf(request: InspectorRequest): KeyQuery {
  return {
    search: (parameter(request, 'search') ?? '').slice(0, 200),
    types: (parameter(request, 'types') ?? '').split(',').filter(Boolean),
    offset: whole(parameter(request, 'offset'), 0, Number.MAX_SAFE_INTEGER),
    limit: whole(parameter(request, 'limit'), 100, MAX_LIMIT),
  };
}

/**
 * Refuses requests that a page of another site caused. An application that allows them by CORS, with cookies, does not mean
 * its rules.
 *
 * @throws {Refusal} a browser says that another site asks
 */
export function refuseOtherSites({ headers }: InspectorRequest): void {
  const site = siteOf(headers);
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new Refusal(403, otherSite);
  }
}

/**
 * Refuses requests that change something and that no page of the same origin made.
 *
 * @throws {Refusal} a browser says that another page than the inspector asks
 */
export function refuseOtherOrigins({ headers }: InspectorRequest): void {
  const site = siteOf(headers);
  if (site !== undefined && site !== 'same-origin') throw new Refusal(403, otherSite);
}

/**
 * Who asks, as a browser says; `undefined` for other clients. Over plain HTTP, browsers leave out `Sec-Fetch-Site`, but name
 * the origin of every request whose response a page of another one could read, and of those that change something.
 */
function siteOf({ origin, host, ...headers }: InspectorRequest['headers']): unknown {
  const site = headers['sec-fetch-site'];
  if (site !== undefined || origin === undefined) return site;
  return /^https?:\/\/(.*)$/.exec(String(origin))?.[1] === host ? 'same-origin' : 'cross-site';
}

/** @throws {Refusal} the overrides cannot be read */
export function overridesOf({ headers }: InspectorRequest): Record<string, unknown> {
  const header = headers[OVERRIDES_HEADER];
  const values = parsed(Buffer.from(String(header ?? ''), 'base64url').toString('utf8'));
  if (!isRecord(values)) throw new Refusal(400, overridesMalformed);
  return values;
}

/** The values of all cookies of a name. */
export function cookiesIn({ headers }: InspectorRequest, name: string): string[] {
  const { cookie } = headers;
  if (typeof cookie !== 'string') return [];
  const start = `${name}=`;
  const parts = cookie.split(';').map((part) => part.trim());
  return parts.filter((part) => part.startsWith(start)).map((part) => part.slice(start.length));
}

/** Whether the browser sees the inspector over HTTPS, also if the application does not trust the proxy that says so. */
export function isSecure(request: InspectorRequest): boolean {
  const isEncrypted = (request as Transported).protocol === 'https';
  return isEncrypted || String(request.headers['origin']).startsWith('https:');
}

/** Whether the path of the URL ends with a slash, which decides what relative links refer to. */
export function endsWithSlash({ url }: InspectorRequest): boolean {
  return url.split(/[?#]/, 1)[0]!.endsWith('/');
}

function whole(text: string | undefined, fallback: number, max: number): number {
  const number = text === undefined || !/^\d{1,15}$/.test(text) ? fallback : Number(text);
  return Math.min(number, max);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
