import { isIP } from 'node:net';
import { InvalidOptionsError } from '../../errors/index.js';

const DEFAULT_DOMAIN = 'quonfig.com';
/** Further addresses take no part in failover. */
const MAX_API_URLS = 2;

export interface AddressOptions {
  /** Default: the variable `QUONFIG_DOMAIN`, else `quonfig.com`. */
  readonly domain?: string;
  /** Replaces `https://primary.<domain>` and `https://secondary.<domain>`. */
  readonly apiUrls?: readonly string[];
  /** Replaces `stream.` before the host of the first API address. */
  readonly streamUrl?: string;
  /** Replaces `https://telemetry.<domain>`. */
  readonly telemetryUrl?: string;
}

/** Bases that the paths of the endpoints are appended to; none ends with a slash. */
export interface Addresses {
  /** The primary and, unless failover is off, the secondary. */
  readonly apiUrls: readonly [string, ...string[]];
  readonly streamUrl: string;
  readonly telemetryUrl: string;
}

/**
 * Works out which addresses to ask.
 *
 * @throws InvalidOptionsError `invalid_options`: naming every address that is none. None is quoted: it may hold a password
 */
export function deliveryAddresses(
  options: AddressOptions,
  env: NodeJS.ProcessEnv = process.env,
): Addresses {
  const problems = addressProblems(options, env);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  const domain = domainOf(options, env);
  const { apiUrls = [`https://primary.${domain}`, `https://secondary.${domain}`] } = options;
  const [primary, ...others] = apiUrls.slice(0, MAX_API_URLS).map(baseOf) as [string, ...string[]];
  return {
    apiUrls: [primary, ...others],
    streamUrl: options.streamUrl === undefined ? streamBase(primary) : baseOf(options.streamUrl),
    telemetryUrl: baseOf(options.telemetryUrl ?? `https://telemetry.${domain}`),
  };
}

/** Says what is wrong with the addresses, one line each. */
export function addressProblems(
  options: AddressOptions,
  env: NodeJS.ProcessEnv = process.env,
): string[] {
  const problems: string[] = [];
  const { apiUrls, streamUrl, telemetryUrl } = options;
  if (!isDomain(domainOf(options, env))) {
    const name = options.domain === undefined ? 'QUONFIG_DOMAIN' : 'domain';
    problems.push(`${name} is not a domain. Give a host name such as "example.com".`);
  }
  if (apiUrls !== undefined && (!Array.isArray(apiUrls) || apiUrls.length === 0)) {
    problems.push(
      'apiUrls is not a list with at least one address. Give one or two, or leave it out.',
    );
  } else {
    for (const [index, url] of (apiUrls ?? []).entries()) check(`apiUrls[${index}]`, url);
  }
  check('streamUrl', streamUrl);
  check('telemetryUrl', telemetryUrl);
  return problems;

  function check(name: string, url: unknown): void {
    if (url === undefined || isBaseUrl(url)) return;
    problems.push(
      `${name} is not an address. Give an http or https URL without user, query or fragment.`,
    );
  }
}

/** Whether something is a URL that paths can be appended to. */
export function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return username === '' && password === '' && !/[?#]/.test(value);
}

function isDomain(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[a-z0-9.-]+(:\d+)?$/i.test(value)) return false;
  return !/^[.-]|\.\./.test(value) && URL.canParse(`https://primary.${value}`);
}

function domainOf({ domain }: AddressOptions, env: NodeJS.ProcessEnv): string {
  return domain ?? (env['QUONFIG_DOMAIN'] || DEFAULT_DOMAIN);
}

function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}

/** An IP address has no subdomains: there the stream is at the same host. */
function streamBase(primary: string): string {
  const url = new URL(primary);
  const isAddress = url.hostname.startsWith('[') || isIP(url.hostname) !== 0;
  return isAddress ? primary : baseOf(`${url.protocol}//stream.${url.host}${url.pathname}`);
}
