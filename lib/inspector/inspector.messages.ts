export const wrongPath =
  'path of the inspector is not a path. Pass one such as "/quonfig", made of letters, digits, "-", "_", "." and "~".';

export const wrongAuthorize =
  'authorize of the inspector is not a function. Pass one that returns whether a request is allowed.';

export const wrongMax =
  'recentContexts.max of the inspector is not usable. Pass a whole number from 1 to 500, or omit it.';

export const wrongRedact =
  'recentContexts.redact of the inspector is not a function. Pass one that returns the contexts to show, or omit it.';

export const wrongSecret =
  'overrides.secret of the inspector is too short. Pass 32 random characters or more, for example from an environment variable.';

export const wrongMaxAge =
  'overrides.maxAgeMs of the inspector is not usable. Pass a number of milliseconds from 1000 to 30 days, or omit it.';

export const wrongAllowed =
  'overrides.allowInProduction of the inspector is not a list of keys. Pass one, or omit it.';

export const unprotected =
  'The inspector shows every rule and value, and nothing restricts who may open it. Pass guard or authorize. If something in front of the application protects the path, pass allowUnprotected: true.';

export const unknownInstance = (name: string | undefined): string =>
  name === undefined
    ? 'The inspector finds no unnamed Quonfig service. Import QuonfigModule in the same application, or pass the name of an instance to register.'
    : `The inspector finds no Quonfig service named "${name}". Pass the name of an imported QuonfigModule to register.`;

export const opened = (path: string, access: string): string => `Inspector at ${path}, ${access}`;

export const forThisMachine =
  'for requests from this machine only: there is neither a guard nor authorize';

export const forEveryone = 'for everyone who reaches it: allowUnprotected is set';

export const forTheAuthorized = 'behind its guards';

export const overridable = (allowed: ReadonlySet<string> | undefined): string => {
  if (allowed === undefined) {
    return 'Every flag and config can be overridden in requests, because NODE_ENV is not "production"';
  }
  return allowed.size === 0
    ? 'No key can be overridden in requests: in production, overrides.allowInProduction names those that can'
    : `In production, these keys can be overridden in requests: ${[...allowed].join(', ')}`;
};

export const onlyThisMachine =
  'The inspector answers only requests from this machine, because it has neither a guard nor authorize. Pass one of them to QuonfigInspectorModule.register.';

export const otherSite =
  'The request comes from a page of another site, which may not read the inspector. Open the inspector directly.';

export const contextsMalformed =
  'The contexts are not an object of objects, such as {"user":{"key":"u-1"}}. Correct them and try again.';

export const contextsTooLarge = 'The contexts are larger than 8 kB. Leave out what no rule reads.';

export const keyMissing = 'The request names no key. Pass ?key=….';

export const noSuchKey = (key: string): string =>
  `No config has the key "${key}" in this environment. Search for a similar one.`;

export const contextsNotKept =
  'Contexts are not kept. Pass recentContexts: true to QuonfigInspectorModule.register to choose from those of recent reads.';

export const tooManyStreams = 'Too many pages are open. Close one and reload.';

export const overridesOff =
  'Overrides are off. Pass overrides to QuonfigInspectorModule.register to allow them.';

export const overridesMalformed =
  'The overrides are not an object of values by key. Correct them and try again.';

export const valueNotOverridable = (key: string): string =>
  `"${key.slice(0, 200)}" cannot be overridden with this value: it is hidden, is not a flag or config, has another type, or may not be overridden in production. The overrides are unchanged.`;

export const overridesTooLarge =
  'The overrides do not fit into a cookie, so they are unchanged. Remove some of them first.';

/** What the health page says about a service, and what to do. */
export const problems = {
  notReady: {
    summary: 'no configs yet',
    text: 'No configs have been loaded yet; reads return their defaults.',
    remedy: 'Check the last error below and the log for why loading fails.',
  },
  refused: {
    summary: 'the stream was refused',
    text: 'The server refused the stream, and the SDK stopped connecting: changes do not arrive.',
    remedy: 'Correct the SDK key or the URL, then restart the application or call reconnect().',
  },
  refusedAndPolling: {
    summary: 'the stream was refused',
    text: 'The server refused the stream; polling replaces it, so changes arrive later.',
    remedy: 'Correct the SDK key or the URL, then restart the application or call reconnect().',
  },
  olderThanFiles: {
    summary: 'a file cannot be read',
    text: 'A file of the workspace cannot be read: the values are older than the files.',
    remedy: 'Correct the file that the log names, and save it.',
  },
  disconnected: {
    summary: 'changes are not followed',
    text: 'Changes are not followed; reads use the current configs.',
    remedy:
      'Check the network. If the service is suspended, call resume(); otherwise, call reconnect().',
  },
  fallingBack: {
    summary: 'the stream is down',
    text: 'The stream is down; polling replaces it, so changes arrive later.',
    remedy: 'Check that the host of the stream can be reached.',
  },
  persisted: {
    summary: 'configs from an earlier process',
    text: 'The configs were saved by an earlier process: the source has not responded yet.',
    remedy: 'Check the network and the API URLs.',
  },
} as const;
