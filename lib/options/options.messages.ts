export const wrongKind = (option: string, found: string, accepted: string): string =>
  `${option} is ${found}; accepted is ${accepted}.`;

export const notOptions = (found: string, accepted: string): string =>
  `the options are ${found}; accepted is ${accepted}.`;

export const unknownOption = (option: string, closest: string | undefined): string =>
  closest === undefined
    ? `${option} is not an option. Remove it.`
    : `${option} is not an option. Did you mean ${closest}?`;

export const misplacedExtra = (option: string): string =>
  `${option} is not an option of the service. Pass it to forRoot, or to forRootAsync beside the factory.`;

export const noSource = (): string =>
  'there is no SDK key (option sdkKey, variable QUONFIG_BACKEND_SDK_KEY), and neither datadir nor datafile is given; one of the three says where the configs come from.';

export const twoSources = (): string => 'datadir and datafile are both given; keep one of them.';

export const noFactory = (): string =>
  'forRootAsync was given none of useFactory, useClass and useExisting; give one of them.';

export const withoutEffect = (option: string, source: 'a datafile' | 'an SDK key'): string =>
  `${option} has no effect with ${source}: it concerns a datadir. Remove it, or set datadir.`;

export const environmentIgnored = (pinnedBy: string): string =>
  `${pinnedBy} is ignored: the SDK key says which environment it is. Remove it, or use the key of that environment.`;

export const failoverOff = (): string =>
  'apiUrls has a single address, so failover is off: add a second one if there is one.';

export const addressesUnused = (): string =>
  'apiUrls has more than two addresses; only the first two are used. Remove the others.';

export const initTimeoutShort = (initTimeout: number, abort: number): string =>
  `initTimeout (${initTimeout} ms) is not above configFetchHedgeAbortMs (${abort} ms): a late answer with newer configs may be cut off. Raise initTimeout, or lower the other.`;

export const deprecated = (option: string, successor: string): string =>
  `The option ${option} is deprecated. Use ${successor}.`;

export const keyOfOtherKind = (prefix: string): string =>
  `The SDK key begins with ${prefix}, so it is not one for servers and will probably be refused. Use one that begins with qf_sk_.`;

export const clusterSharedMissing = (): string =>
  'cluster "shared" is not available in this version; accepted is "transparent" or "suspend-primary".';
