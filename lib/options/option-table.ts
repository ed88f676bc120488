import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { isJsonObject } from '../model/index.js';
import {
  BOOLEAN,
  CONTEXTS,
  FUNCTION,
  isNonEmptyString,
  LOGGER,
  MILLISECONDS,
  nonEmptyString,
  oneOf,
  positiveInteger,
  URL_STRING,
} from './accepted.js';
import type { OptionRow } from './option-row.js';
import { TELEMETRY_OPTIONS } from './telemetry-option-rows.js';

/** Every option, in the order of docs/options.md, which is generated from this table. */
export const OPTIONS = {
  sdkKey: {
    ...nonEmptyString('the SDK key of an environment'),
    scope: 'source',
    variable: 'QUONFIG_BACKEND_SDK_KEY',
    description:
      'Server key (`qf_sk_…`) of an environment. Configs come over the network unless `datadir` or `datafile` is set; telemetry is sent.',
    see: 'delivery.md',
  },
  datadir: {
    ...nonEmptyString('the path of a workspace directory'),
    scope: 'source',
    description:
      'Workspace directory to read configs from, relative to the working directory. Nothing is fetched. Set this or `datafile`.',
    see: 'workspace.md',
  },
  datafile: {
    accepted: 'an envelope, or the path of a JSON file with one',
    accepts: (value) => isNonEmptyString(value) || isJsonObject(value),
    scope: 'source',
    description:
      'Envelope to read configs from, or the path of a JSON file with one. An object is copied. Nothing is fetched.',
    see: 'workspace.md#envelopes',
  },
  initTimeout: {
    ...MILLISECONDS,
    scope: 'source',
    default: 10_000,
    description:
      'Deadline for the first load, retries included, in ms. Set it above `configFetchHedgeAbortMs`.',
    see: 'delivery.md#the-first-load',
  },
  onInitFailure: {
    ...oneOf('throw', 'return-defaults'),
    scope: 'source',
    default: 'throw',
    description:
      'What happens if the first load fails: `"throw"` fails startup; `"return-defaults"` logs a warning and reads return their defaults until configs arrive.',
  },
  environment: {
    ...nonEmptyString('the name of an environment'),
    scope: 'datadir',
    variable: 'QUONFIG_ENVIRONMENT',
    description:
      'Environment whose rules apply in a `datadir`. With an SDK key it is ignored with a warning: the key determines the environment.',
    see: 'workspace.md#environments',
  },
  dataDirAutoReload: {
    ...BOOLEAN,
    scope: 'datadir',
    default: false,
    description: 'Whether the SDK follows edits in the `datadir`.',
    see: 'workspace.md#live-reload',
  },
  dataDirAutoReloadDebounceMs: {
    ...MILLISECONDS,
    scope: 'datadir',
    default: 200,
    description:
      'How long the files must be quiet before they are read again, in ms. The total wait is at least 60 ms and at most 2000 ms.',
  },
  domain: {
    accepted: 'a host name',
    accepts: (value) => value !== null,
    scope: 'network',
    default: 'quonfig.com',
    variable: 'QUONFIG_DOMAIN',
    description: 'Domain of the default URLs.',
    see: 'delivery.md#urls',
  },
  apiUrls: {
    ...URL_STRING,
    scope: 'network',
    defaultText: '`https://primary.<domain>` and `https://secondary.<domain>`',
    description:
      'Base URLs of the primary and secondary API. With only one, failover is off and a warning is logged.',
  },
  streamUrl: {
    ...URL_STRING,
    scope: 'network',
    defaultText:
      '`stream.` before the host of the primary, or the primary itself if its host is an IP address',
    description: 'Base URL of the stream, for proxies, gateways and `localhost`.',
  },
  enableSSE: {
    ...BOOLEAN,
    scope: 'network',
    default: true,
    description: 'Whether changes are followed over the stream (SSE).',
    see: 'delivery.md#the-stream',
  },
  sseReadDeadlineMs: {
    ...MILLISECONDS,
    scope: 'network',
    default: 90_000,
    description:
      'How long the stream may be silent, heartbeats included, before the SDK reconnects, in ms. Above 300000 it needs a custom `fetch`, because the built-in one gives up then.',
  },
  fallbackPollEnabled: {
    ...BOOLEAN,
    scope: 'network',
    default: true,
    description: 'Whether the SDK polls for configs while the stream is down or off.',
    see: 'delivery.md#fallback-polling',
  },
  fallbackPollIntervalMs: {
    ...MILLISECONDS,
    scope: 'network',
    default: 60_000,
    description:
      'Interval between two polls, in ms. If a stream that had delivered is lost, polling starts after twice this time.',
  },
  configFetchHedgeDelayMs: {
    ...MILLISECONDS,
    scope: 'network',
    default: 2_000,
    description: 'Delay before the secondary API is also queried, in ms.',
    see: 'delivery.md#the-first-load',
  },
  configFetchHedgeAbortMs: {
    ...MILLISECONDS,
    scope: 'network',
    default: 6_000,
    description: 'Deadline for one request for configs, including its body, in ms.',
  },
  maxEnvelopeBytes: {
    ...positiveInteger('bytes'),
    scope: 'network',
    default: 64 * 1_024 * 1_024,
    description: 'Maximum size of a response or event, in bytes after decompression.',
  },
  onTerminalFailure: {
    ...oneOf('stop', 'poll'),
    scope: 'network',
    default: 'stop',
    description:
      'What happens if the server refuses the stream (401, 403, 404): `"stop"` makes no more requests until `reconnect()`; `"poll"` polls.',
    see: 'delivery.md#terminal-failure',
  },
  persistence: {
    accepted: 'an object with file or store',
    accepts: isJsonObject,
    scope: 'network',
    description:
      'Saves the configs in a file or store, so that a process can start while the APIs are unreachable: `file` or `store`, `maxAge`, `preferCache`, `encryptionKey`.',
    see: 'persistence.md',
  },
  fetch: {
    ...FUNCTION,
    scope: 'network',
    defaultText: 'the global `fetch`',
    description: 'Makes all requests: for proxies and client certificates.',
    see: 'delivery.md#proxies',
  },
  cluster: {
    ...oneOf('transparent', 'suspend-primary', 'shared'),
    scope: 'network',
    default: 'transparent',
    description:
      'How the processes on a machine receive configs. `"transparent"`: each over a stream of its own; `"suspend-primary"`: likewise, and the first fork suspends the service in the primary process of a cluster; `"shared"`: all over one stream.',
    see: 'cluster.md',
  },
  clusterDirectory: {
    ...nonEmptyString('the path of a directory'),
    scope: 'network',
    defaultText: 'a per-user directory in the system directory for temporary files',
    description:
      'Directory of the socket over which processes share a stream with `cluster: "shared"`, for containers that share a volume. On Windows, part of the name of a pipe.',
    see: 'cluster.md#containers',
  },
  onNoDefault: {
    ...oneOf('error', 'warn', 'ignore'),
    scope: 'reads',
    default: 'error',
    description:
      'What a read does when it has neither a value nor a default: `"error"` throws; `"warn"` logs a warning and returns `undefined`; `"ignore"` returns `undefined`.',
    see: 'evaluation.md#getters',
  },
  onUnknownKey: {
    ...oneOf('warn', 'silent', 'throw'),
    scope: 'reads',
    default: 'warn',
    description:
      'What a read does when no config has its key: `"warn"` logs a warning, once per key and install; `"silent"` logs none; `"throw"` throws `UnknownKeyError`, even with a default, for tests and CI.',
    see: 'evaluation.md#unknown-keys',
  },
  context: {
    ...FUNCTION,
    scope: 'reads',
    description:
      'Returns the contexts of a request or message: reads within it use them. They rank between bound contexts and `globalContext`. An async function is awaited before guards.',
    see: 'request-context.md',
  },
  globalContext: {
    ...CONTEXTS,
    scope: 'reads',
    description: 'Contexts for every read. Copied.',
    see: 'contexts.md',
  },
  enableQuonfigUserContext: {
    accepted: 'true, false, or null for not set',
    accepts: (value) => value === null || typeof value === 'boolean',
    scope: 'reads',
    default: true,
    variable: 'QUONFIG_DEV_CONTEXT',
    description:
      'Whether rules see the email address of the logged-in developer as context `quonfig-user`. `null` counts as omitted.',
    see: 'contexts.md#developer-context',
  },
  loggerKey: {
    ...nonEmptyString('the key of a config'),
    scope: 'reads',
    description: 'Key of the config with the levels of all loggers.',
    see: 'log-levels.md',
  },
  random: {
    ...FUNCTION,
    scope: 'reads',
    defaultText: '`Math.random`',
    description:
      'Returns random numbers from 0 (inclusive) to 1 (exclusive), for splits without a property.',
  },
  logger: {
    ...LOGGER,
    scope: 'events',
    defaultText: 'a Nest `Logger` named `Quonfig`',
    description:
      'Receives the messages of the SDK: an object with `warn` and `error`, and optionally `debug` and `info` (or `log`). What it throws is ignored.',
  },
  onConfigUpdate: {
    ...FUNCTION,
    scope: 'events',
    description: 'Called after every install, including the first. A throw or rejection is logged.',
    see: 'live-updates.md',
  },
  onSSEConnectionStateChange: {
    ...FUNCTION,
    scope: 'events',
    description: 'Called with each state of the stream. A throw or rejection is logged.',
    see: 'delivery.md#the-stream',
  },
  ...TELEMETRY_OPTIONS,
} satisfies { readonly [Name in keyof Required<QuonfigModuleOptions>]: OptionRow };

export type OptionName = keyof typeof OPTIONS;

type OptionWithDefault = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { default: unknown } ? Name : never;
}[OptionName];

/** The rows by name, for names that need not be options. */
export const OPTION_ROWS: ReadonlyMap<string, OptionRow> = new Map(Object.entries(OPTIONS));

/** Returns the value of an option, or its default. */
export function withDefault<Name extends OptionWithDefault>(
  options: QuonfigModuleOptions,
  name: Name,
): NonNullable<QuonfigModuleOptions[Name]> {
  return (options[name] ?? OPTIONS[name].default) as NonNullable<QuonfigModuleOptions[Name]>;
}

/** Returns the environment variable of an option; `undefined` if it has none, or it is not set or empty. */
export function fromEnvironment(name: OptionName, env: NodeJS.ProcessEnv): string | undefined {
  const { variable } = OPTIONS[name] as OptionRow;
  return (variable !== undefined && env[variable]) || undefined;
}
