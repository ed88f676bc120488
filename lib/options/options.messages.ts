export const wrongKind = (option: string, found: string, accepted: string): string =>
  `${option} is ${found}; expected ${accepted}.`;

export const notOptions = (found: string, accepted: string): string =>
  `the options are ${found}; expected ${accepted}.`;

export const unknownOption = (option: string, closest: string | undefined): string =>
  closest === undefined
    ? `${option} is not an option. Remove it.`
    : `${option} is not an option. Did you mean ${closest}?`;

export const misplacedExtra = (option: string): string =>
  `${option} is an option of the module, not of the service. Pass it to forRoot, or to forRootAsync beside the factory.`;

export const noSource = (): string =>
  'no source of configs is set: set sdkKey (or the variable QUONFIG_BACKEND_SDK_KEY), datadir or datafile.';

export const twoSources = (): string => 'datadir and datafile are both set; keep one of them.';

export const noFactory = (): string =>
  'forRootAsync got none of useFactory, useClass and useExisting; pass one of them.';

export const withoutEffect = (option: string, source: 'a datafile' | 'an SDK key'): string =>
  `${option} has no effect with ${source}: it applies to a datadir. Remove it, or set datadir.`;

export const environmentIgnored = (setBy: string): string =>
  `${setBy} is ignored: the SDK key determines the environment. Remove it, or use the key of that environment.`;

export const failoverOff = (): string =>
  'apiUrls has only one URL, so failover is off. Add the URL of the secondary if there is one.';

export const extraApiUrls = (): string =>
  'apiUrls has more than two URLs; only the first two are used. Remove the others.';

export const initTimeoutShort = (initTimeout: number, abort: number): string =>
  `initTimeout (${initTimeout} ms) is not above configFetchHedgeAbortMs (${abort} ms): a late response with newer configs may be cut off. Raise initTimeout, or lower configFetchHedgeAbortMs.`;

/** @param source where the key comes from, e.g. `the option sdkKey` */
export const keyOfOtherKind = (prefix: string, source: string): string =>
  `The SDK key in ${source} begins with ${prefix}, so it is not a server key and will probably be refused. Use one that begins with qf_sk_.`;

export const onePersistencePlace = (): string =>
  'persistence needs either file or store; set one of them.';

export const proxyUnused = (variable: string, hosts: readonly string[]): string =>
  `${variable} is set, but Node's fetch ignores it: requests to ${hosts.join(', ')} go directly. If they need the proxy, set NODE_USE_ENV_PROXY=1 (Node 24 or newer) or the option fetch; see "Proxies" in docs/delivery.md. If not, add the hosts to NO_PROXY.`;
