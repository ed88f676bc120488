import { proxyUnused } from './options.messages.js';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const FLAG = '--use-env-proxy';
/** Where every copy of undici, including Node's own, keeps the dispatcher of the global `fetch`. */
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/**
 * Returns a notice if environment variables name a proxy for one of these URLs. Call it only if `fetch` ignores these
 * variables. Many tools follow them, so a proxy that is silently bypassed looks like a network failure.
 */
export function proxyNotice(
  addresses: readonly string[],
  env: NodeJS.ProcessEnv,
): string | undefined {
  const proxied = addresses.map((address) => new URL(address)).filter((url) => isProxied(url, env));
  const [first] = proxied;
  if (first === undefined) return undefined;
  const hosts = new Set(proxied.map(({ host }) => host));
  return proxyUnused(proxyVariable(first, env)!, [...hosts]);
}

/** Whether the global `fetch` uses a proxy: Node is configured to, or the application installed an agent. */
export function followsProxyVariables(env: NodeJS.ProcessEnv): boolean {
  const flags = [...process.execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const configured = env['NODE_USE_ENV_PROXY'] === '1' || flags.includes(FLAG);
  // Node builds the set of flags when it is first asked for, which takes a millisecond.
  if (configured && process.allowedNodeEnvironmentFlags.has(FLAG)) return true;
  const dispatcher: unknown = (globalThis as { [GLOBAL_DISPATCHER]?: object })[GLOBAL_DISPATCHER];
  return dispatcher !== undefined && dispatcher?.constructor.name !== 'Agent';
}

function isProxied(url: URL, env: NodeJS.ProcessEnv): boolean {
  return proxyVariable(url, env) !== undefined && !isExcluded(url, env);
}

/** The variable that names the proxy for a URL. Without one for https, Node and undici use the one for http. */
function proxyVariable({ protocol }: URL, env: NodeJS.ProcessEnv): string | undefined {
  const names = ['http_proxy', 'HTTP_PROXY'];
  if (protocol === 'https:') names.unshift('https_proxy', 'HTTPS_PROXY');
  return names.find((name) => env[name]);
}

/** Whether `NO_PROXY` lists the host or a domain it belongs to. */
function isExcluded(url: URL, env: NodeJS.ProcessEnv): boolean {
  const excluded = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  if (excluded.trim() === '*') return true;
  const port = Number(url.port) || DEFAULT_PORTS[url.protocol];
  return excluded.split(/[,\s]+/).some((entry) => {
    const [, name = entry, onlyPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
    if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
    const domain = name.replace(/^\*?\./, '').toLowerCase();
    return domain !== '' && (url.hostname === domain || url.hostname.endsWith(`.${domain}`));
  });
}
