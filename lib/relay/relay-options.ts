import { InvalidOptionsError } from '../index.js';
import { isObservable, type Observable, of } from 'rxjs';
import type { RelayEvaluationOptions } from './evaluations/evaluation-options.js';
import { evaluationProblems } from './evaluations/evaluation-options.js';
import { hintProblems, type RelayHintsOptions } from './hints/hint-options.js';
import { keyProblems, type RelayKey } from './key-list.js';
import { wrongOption } from './relay.messages.js';
import {
  type RelayTelemetryOptions,
  telemetryProblems,
  type TelemetrySettings,
  telemetrySettings,
} from './forwarding/telemetry-options.js';

/**
 * The source of generations for configs from files, which have none. Clients ignore an envelope whose generation is lower than
 * that of their configs.
 *
 * - `'commits'`: from the number of commits of the git repository that tracks the files
 * - `'modified'`: from the time of the latest change of a file or directory
 * - a function: an integer above 0 that grows with every change and is the same in every relay with the same files
 *
 * @publicApi
 */
export type RelayGeneration = 'commits' | 'modified' | (() => number | Promise<number>);

/**
 * Options of `QuonfigRelayModule`.
 *
 * @publicApi
 */
export interface QuonfigRelayOptions {
  /**
   * The keys of clients. An Observable of lists changes them without a restart: streams of removed keys end, and until the first
   * list, clients are asked to come back later.
   */
  keys: readonly RelayKey[] | Observable<readonly RelayKey[]>;
  /** Prefix of the paths, such as `/relay`. Default: none, so that clients need only the origin. */
  path?: string | undefined;
  /**
   * Directory of a workspace to serve, whose changes are followed. Default: the relay serves the configs of the application's
   * own `QuonfigService`.
   */
  datadir?: string | undefined;
  /** With `datadir`: the environment of keys without one. Default: `QUONFIG_ENVIRONMENT`. */
  environment?: string | undefined;
  /**
   * For configs from files: where generations come from. Default: `'commits'` if git tracks the files, else `'modified'`.
   */
  generation?: RelayGeneration | undefined;
  /** How many responses may be open at once, streams included; beyond that, clients get status 503. Default 10000. */
  maxConnections?: number | undefined;
  /** Serves evaluated values to browser and mobile SDKs, with keys of their own. Default: off. */
  evaluations?: RelayEvaluationOptions | undefined;
  /** Where the telemetry of clients is forwarded to. Default: it is refused. */
  telemetry?: RelayTelemetryOptions | undefined;
  /** How relays of the same configs notify each other of updates. Default: each one waits for its source. */
  hints?: RelayHintsOptions | undefined;
}

/** The options with defaults. */
export interface RelaySettings {
  readonly keys$: Observable<readonly RelayKey[]>;
  /** Empty, or with a leading slash and no trailing one. */
  readonly path: string;
  readonly datadir: string | undefined;
  readonly environment: string | undefined;
  readonly generation: RelayGeneration | undefined;
  readonly maxConnections: number;
  readonly evaluations: RelayEvaluationOptions | undefined;
  readonly telemetry: TelemetrySettings | undefined;
  readonly hints: RelayHintsOptions | undefined;
}

const OPTION_NAMES: ReadonlySet<string> = new Set([
  'keys',
  'path',
  'datadir',
  'environment',
  'generation',
  'maxConnections',
  'evaluations',
  'telemetry',
  'hints',
]);

/** @throws {InvalidOptionsError} `invalid_options`: names all problems */
export function checkedSettings(options: QuonfigRelayOptions): RelaySettings {
  const {
    keys,
    path = '',
    datadir,
    environment,
    generation,
    maxConnections = 10_000,
    evaluations,
    telemetry,
    hints,
  } = options ?? {};
  const problems = Object.keys(options ?? {})
    .filter((name) => !OPTION_NAMES.has(name))
    .map((name) => wrongOption(name, `left out; the options are ${[...OPTION_NAMES].join(', ')}`));
  if (!isObservable(keys)) problems.push(...keyProblems(keys));
  if (typeof path !== 'string' || !/^[\w.~/-]*$/.test(path)) {
    problems.push(wrongOption('path', 'a path such as "/relay", without parameters'));
  }
  for (const [name, given] of Object.entries({ datadir, environment })) {
    if (given !== undefined && (typeof given !== 'string' || given.trim() === '')) {
      problems.push(wrongOption(name, 'a string that is not empty'));
    }
  }
  if (
    generation !== undefined &&
    typeof generation !== 'function' &&
    generation !== 'commits' &&
    generation !== 'modified'
  ) {
    problems.push(wrongOption('generation', '"commits", "modified" or a function'));
  }
  if (!(Number.isInteger(maxConnections) && maxConnections > 0)) {
    problems.push(wrongOption('maxConnections', 'an integer above 0'));
  }
  problems.push(...evaluationProblems(evaluations, keys));
  problems.push(...telemetryProblems(telemetry), ...hintProblems(hints));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return {
    keys$: isObservable(keys) ? keys : of(keys),
    path: path
      .split('/')
      .filter(Boolean)
      .map((part) => `/${part}`)
      .join(''),
    datadir,
    environment,
    generation,
    maxConnections,
    evaluations,
    telemetry: telemetry && telemetrySettings(telemetry),
    hints,
  };
}
