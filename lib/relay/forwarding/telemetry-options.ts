import { wrongOption } from '../relay.messages.js';

/**
 * Where a relay forwards the telemetry of its clients to.
 *
 * @publicApi
 */
export interface RelayTelemetryOptions {
  /** SDK key for the telemetry service. Default: `QUONFIG_BACKEND_SDK_KEY`. */
  sdkKey?: string | undefined;
  /** Base URL of the telemetry service. Default: `https://telemetry.<QUONFIG_DOMAIN>`, or of `quonfig.com`. */
  url?: string | undefined;
}

export interface TelemetrySettings {
  /** Without a trailing slash. */
  readonly url: string;
  readonly sdkKey: string;
}

export function telemetryProblems(given: unknown): string[] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null) return [wrongOption('telemetry', 'an object')];
  const { sdkKey = process.env['QUONFIG_BACKEND_SDK_KEY'], url } = given as Record<string, unknown>;
  const problems: string[] = [];
  if (typeof sdkKey !== 'string' || sdkKey.trim() === '') {
    problems.push(wrongOption('telemetry.sdkKey', 'an SDK key, unless QUONFIG_BACKEND_SDK_KEY is'));
  }
  if (url !== undefined && !isHttpUrl(url)) {
    problems.push(wrongOption('telemetry.url', 'an http or https URL without credentials'));
  }
  return problems;
}

function isHttpUrl(url: unknown): boolean {
  if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url)) return false;
  // `fetch` refuses them.
  const { username, password } = new URL(url);
  return username === '' && password === '';
}

export function telemetrySettings({ sdkKey, url }: RelayTelemetryOptions): TelemetrySettings {
  const { QUONFIG_BACKEND_SDK_KEY, QUONFIG_DOMAIN } = process.env;
  const base = url ?? `https://telemetry.${QUONFIG_DOMAIN || 'quonfig.com'}`;
  return {
    url: base.replace(/\/+$/, ''),
    sdkKey: sdkKey ?? QUONFIG_BACKEND_SDK_KEY ?? '',
  };
}
