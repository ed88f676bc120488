import { isIP } from 'node:net';
import { InvalidOptionsError } from '../../errors/index.js';

/** Further URLs are ignored. */
const MAX_API_URLS = 2;

export interface AddressOptions {
  /** Domain of the default URLs. */
  readonly domain: string;
  /** The option or variable that set the domain, for messages. */
  readonly domainSetBy: string;
  /** Replaces `https://primary.<domain>` and `https://secondary.<domain>`. */
  readonly apiUrls?: readonly string[] | undefined;
  /** Default: the host of the first API URL, prefixed with `stream.`. */
  readonly streamUrl?: string | undefined;
  /** Replaces `https://telemetry.<domain>`. */
  readonly telemetryUrl?: string | undefined;
}

/** Base URLs, to which the paths of the endpoints are appended; none ends with a slash. */
export interface Addresses {
  /** The primary API and, unless failover is off, the secondary API. */
  readonly apiUrls: readonly [string, ...string[]];
  readonly streamUrl: string;
  readonly telemetryUrl: string;
}

/**
 * Derives the base URLs from the options.
 *
 * @throws {InvalidOptionsError} `invalid_options`: names every option that is not a URL; quotes none, because it may contain
 *   a password
 */
export function deliveryAddresses(options: AddressOptions): Addresses {
  const problems = addressProblems(options);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  const { domain } = options;
  const { apiUrls = [`https://primary.${domain}`, `https://secondary.${domain}`] } = options;
  const [primary, ...others] = apiUrls.slice(0, MAX_API_URLS).map(baseOf) as [string, ...string[]];
  return {
    apiUrls: [primary, ...others],
    streamUrl: options.streamUrl === undefined ? streamBase(primary) : baseOf(options.streamUrl),
    telemetryUrl: baseOf(options.telemetryUrl ?? `https://telemetry.${domain}`),
  };
}

/** Returns one message per invalid option. */
export function addressProblems(options: AddressOptions): string[] {
  const problems: string[] = [];
  const { domain, domainSetBy, apiUrls, streamUrl, telemetryUrl } = options;
  if (!isDomain(domain)) {
    problems.push(`${domainSetBy} is not a domain. Use a host name such as "example.com".`);
  }
  if (apiUrls !== undefined && (!Array.isArray(apiUrls) || apiUrls.length === 0)) {
    problems.push('apiUrls is not a list with at least one URL. Set one or two, or omit it.');
  } else {
    for (const [index, url] of (apiUrls ?? []).entries()) check(`apiUrls[${index}]`, url);
  }
  if (streamUrl !== undefined) check('streamUrl', streamUrl);
  if (telemetryUrl !== undefined) check('telemetryUrl', telemetryUrl);
  return problems;

  function check(name: string, url: unknown): void {
    if (isBaseUrl(url)) return;
    problems.push(
      `${name} is not a base URL. Use an http or https URL without credentials, query or fragment.`,
    );
  }
}

/** Whether a value is a URL to which paths can be appended. */
export function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return username === '' && password === '' && !/[?#]/.test(value);
}

function isDomain(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[a-zA-Z0-9.-]+(:\d+)?$/.test(value)) return false;
  return !/^[.-]|\.\./.test(value) && URL.canParse(`https://primary.${value}`);
}

function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, '');
}

/** An IP address has no subdomains, so the stream is expected on the same host. */
function streamBase(primary: string): string {
  const url = new URL(primary);
  const isAddress = url.hostname.startsWith('[') || isIP(url.hostname) !== 0;
  return isAddress ? primary : baseOf(`${url.protocol}//stream.${url.host}${url.pathname}`);
}
