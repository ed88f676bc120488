import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { isJsonObject } from '../model/index.js';

/** What one option accepts, in words and as a test. */
export interface OptionRule {
  readonly accepted: string;
  readonly accepts: (value: unknown) => boolean;
}

/** The longest time a timer of the platform can wait. */
const LONGEST_MS = 2 ** 31 - 1;

const switched: OptionRule = {
  accepted: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

const calledBack: OptionRule = {
  accepted: 'a function',
  accepts: (value) => typeof value === 'function',
};

const time: OptionRule = {
  accepted: `a number of milliseconds above 0 and up to ${LONGEST_MS}`,
  accepts: (value) => typeof value === 'number' && value > 0 && value <= LONGEST_MS,
};

/** Addresses are checked together, with a line of its own for each. */
const address: OptionRule = { accepted: 'an address', accepts: () => true };

/** A rule for every option there is. */
export const OPTION_RULES: { readonly [Name in keyof Required<QuonfigModuleOptions>]: OptionRule } =
  {
    sdkKey: text('the SDK key of an environment'),
    domain: { accepted: 'a host name', accepts: (value) => value !== null },
    apiUrls: address,
    streamUrl: address,
    telemetryUrl: address,
    enableSSE: switched,
    sseReadDeadlineMs: time,
    fallbackPollEnabled: switched,
    fallbackPollIntervalMs: time,
    enablePolling: switched,
    pollInterval: time,
    configFetchHedgeDelayMs: time,
    configFetchHedgeAbortMs: time,
    maxEnvelopeBytes: amount('bytes'),
    onTerminalFailure: oneOf('stop', 'poll'),
    onSSEConnectionStateChange: calledBack,
    fetch: calledBack,
    cluster: oneOf('transparent', 'suspend-primary'),
    namespace: { accepted: 'a text', accepts: (value) => typeof value === 'string' },
    datadir: text('the path of a workspace directory'),
    datafile: {
      accepted: 'an envelope, or the path of a JSON file with one',
      accepts: (value) => isText(value) || isJsonObject(value),
    },
    environment: text('the name of an environment'),
    dataDirAutoReload: switched,
    dataDirAutoReloadDebounceMs: time,
    initTimeout: time,
    onInitFailure: oneOf('throw', 'return-defaults'),
    onNoDefault: oneOf('error', 'warn', 'ignore'),
    globalContext: {
      accepted: 'an object of contexts, each an object of properties',
      accepts: (value) => isJsonObject(value) && contextsOf(value).every(isJsonObject),
    },
    enableQuonfigUserContext: {
      accepted: 'true, false, or null for not set',
      accepts: (value) => value === null || typeof value === 'boolean',
    },
    loggerKey: text('the key of a config'),
    logger: {
      accepted: 'an object with the methods warn and error, and debug and info if they are wanted',
      accepts: isLogger,
    },
    onConfigUpdate: calledBack,
    collectEvaluationSummaries: switched,
    contextUploadMode: oneOf('periodic_example', 'shapes_only', 'none'),
    redactContext: calledBack,
    telemetryFlushIntervalMs: time,
    telemetryTimeoutMs: time,
    telemetryMaxRetainedBatches: amount('batches'),
    telemetryMaxRetainedBytes: amount('bytes'),
    telemetryMaxRetainedAgeMs: time,
    telemetryMaxEvaluationSummaries: amount('configs'),
    telemetryMaxContextShapeFields: amount('properties'),
    telemetryMaxExampleContexts: amount('contexts'),
    instanceHash: text('the name of this instance'),
    random: calledBack,
  };

function text(accepted: string): OptionRule {
  return { accepted, accepts: isText };
}

function amount(things: string): OptionRule {
  return {
    accepted: `a whole number of ${things} above 0`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  };
}

function oneOf(...words: string[]): OptionRule {
  const quoted = words.map((word) => `"${word}"`);
  return {
    accepted: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    accepts: (value) => words.includes(value as string),
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isLogger(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { debug, info, warn, error } = value as Record<string, unknown>;
  const optional = [debug, info].filter((method) => method !== undefined && method !== null);
  return [warn, error, ...optional].every((method) => typeof method === 'function');
}

function contextsOf(contexts: object): unknown[] {
  try {
    return Object.values(contexts);
  } catch {
    // A getter that throws: what it would have given is left out later, too.
    return [];
  }
}
