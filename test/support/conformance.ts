import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import {
  type BoundQuonfig,
  type Contexts,
  type Envelope,
  type OnNoDefault,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../lib/index.js';
import { setEnv } from './configs.js';
import { RecordingLogger } from './recording-logger.js';

export interface CorpusCase {
  /** File and name of the case, e.g. `get/get_returns_a_found_value_for_key`. */
  readonly id: string;
  readonly call: string;
  readonly key: string;
  readonly type: string | undefined;
  /** An explicit default; `undefined` for none. */
  readonly fallback: unknown;
  readonly contexts: Partial<Record<'global' | 'block' | 'local', Contexts>>;
  readonly repeat: number;
  readonly expected: {
    readonly value?: unknown;
    readonly values_seen?: unknown[];
    readonly millis?: number;
    readonly raw_value_type?: string;
    readonly status?: string;
    readonly error?: string;
  };
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly env: Record<string, string>;
  /** The response of the delivery service. */
  readonly envelope: Envelope | undefined;
  /** What is recorded, and the expected report. */
  readonly telemetry: TelemetryCase | undefined;
}

export interface TelemetryCase {
  readonly aggregator: 'evaluation_summary' | 'context_shape' | 'example_contexts';
  readonly data: unknown;
  /** `null` when nothing is reported. */
  readonly expected: unknown;
}

const directory = resolve(import.meta.dirname, '../..', process.env['QUONFIG_CONFORMANCE_DIR']!);
const workspace = join(directory, 'data/integration-tests');

/** Whether the corpus exists. If it is required, its absence is a failure. */
export const corpusExists = existsSync(join(directory, 'tests/eval'));
export const corpusIsRequired = Boolean(process.env['CI']);
export const corpusMissing = `The conformance corpus is not at ${directory}, so its cases are skipped. Set QUONFIG_CONFORMANCE_DIR to its location.`;

/** Files whose cases check requests, and so need a delivery service or telemetry. */
const NETWORK_FILES = ['delivery_environment.yaml', 'post.yaml', 'telemetry.yaml'];
/** Overrides of cases that start while the network does not answer. */
const NETWORK_OVERRIDES = ['prefab_api_url', 'sdk_key'];

/** The environment that the corpus is written for. */
const ENVIRONMENT = {
  PREFAB_INTEGRATION_TEST_ENCRYPTION_KEY:
    'c87ba22d8662282abe8a0e4651327b579cb64a454ab0f4c170b45b15f049a221',
  IS_A_NUMBER: '1234',
  NOT_A_NUMBER: 'not_a_number',
  MISSING_ENV_VAR: undefined,
  REFORGE_INTEGRATION_TEST_ENCRYPTION_KEY: undefined,
  QUONFIG_ENVIRONMENT: undefined,
};

/** All cases of the corpus: those that read files, and those that need the network or telemetry. */
export function readCorpus(): { local: CorpusCase[]; network: CorpusCase[] } {
  const local: CorpusCase[] = [];
  const network: CorpusCase[] = [];
  if (!corpusExists) return { local, network };
  const files = readdirSync(join(directory, 'tests/eval')).filter((name) => name.endsWith('.yaml'));
  for (const file of files.sort()) {
    for (const one of casesOf(file)) {
      const needsNetwork =
        NETWORK_FILES.includes(file) || NETWORK_OVERRIDES.some((name) => name in one.overrides);
      if (needsNetwork) network.push(one);
      else local.push(one);
    }
  }
  return { local, network };
}

/** The fields of a corpus file that are used here. */
interface CorpusFile {
  function?: string;
  tests: { cases: WrittenCase[] }[];
}

interface WrittenCase {
  name: string;
  function?: string;
  type?: string;
  input?: { key?: string; flag?: string; default?: unknown };
  contexts?: CorpusCase['contexts'];
  repeat?: number;
  expected?: CorpusCase['expected'];
  client_overrides?: Record<string, unknown>;
  env_vars?: Record<string, string>;
  envelope?: Envelope;
  aggregator?: TelemetryCase['aggregator'];
  data?: unknown;
  expected_data?: unknown;
}

function casesOf(file: string): CorpusCase[] {
  const text = readFileSync(join(directory, 'tests/eval', file), 'utf8');
  const { function: call, tests } = parse(text) as CorpusFile;
  const uses = new Map<string, number>();
  return tests
    .flatMap(({ cases }) => cases)
    .map((written) => {
      const name = written.name
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '_')
        .replaceAll(/^_+|_+$/g, '');
      const count = (uses.get(name) ?? 0) + 1;
      uses.set(name, count);
      return {
        id: `${file.replace('.yaml', '')}/${name}${count > 1 ? `_${count}` : ''}`,
        call: written.function ?? call ?? 'get',
        key: written.input?.key ?? written.input?.flag ?? '',
        type: written.type,
        fallback: written.input?.default,
        contexts: written.contexts ?? {},
        repeat: written.repeat ?? 1,
        expected: written.expected ?? {},
        overrides: written.client_overrides ?? {},
        env: written.env_vars ?? {},
        envelope: written.envelope,
        telemetry: written.aggregator && {
          aggregator: written.aggregator,
          data: written.data,
          expected: written.expected_data ?? null,
        },
      };
    });
}

/** Creates the service of a case through the public API. It closes with the test. */
export async function serviceOfCase(
  { call, overrides, contexts, env }: CorpusCase,
  onNoDefault: OnNoDefault = overrides['on_no_default'] === 2 ? 'ignore' : 'error',
  random: () => number = Math.random,
  more: Partial<QuonfigModuleOptions> = {},
): Promise<QuonfigService> {
  setEnv({ ...ENVIRONMENT, ...env });
  // A case with its own datadir also sets the environment, by option or variable.
  const environment = 'datadir' in overrides ? overrides['environment'] : 'Production';
  const options: QuonfigModuleOptions = {
    datadir: workspace,
    onNoDefault: call === 'get_or_raise' ? 'error' : onNoDefault,
    logger: new RecordingLogger(),
    random,
    ...(environment !== undefined && { environment: environment as string }),
    ...(contexts.global && { globalContext: contexts.global }),
    ...more,
  };
  const service = await QuonfigService.create(options);
  onTestFinished(() => service.close());
  return service;
}

/** The reader of a case: the service, or one with bound contexts. */
export function readerOfCase(service: QuonfigService, { contexts }: CorpusCase): BoundQuonfig {
  return contexts.block ? service.withContext(contexts.block) : service;
}

/** Makes the read of a case. */
export function readOfCase(reader: BoundQuonfig, one: CorpusCase): unknown {
  const { call, key, type, fallback, contexts } = one;
  const args = [key, contexts.local, fallback] as const;
  if (call === 'enabled') return reader.isEnabled(key, contexts.local);
  switch (call === 'get_feature_flag' ? undefined : type) {
    case 'STRING':
      return reader.getString(...(args as [string, Contexts, string]));
    case 'INT':
    case 'DOUBLE':
      return reader.getNumber(...(args as [string, Contexts, number]));
    case 'BOOL':
    case 'BOOLEAN':
      return reader.getBool(...(args as [string, Contexts, boolean]));
    case 'STRING_LIST':
      return reader.getStringList(...(args as [string, Contexts, string[]]));
    case 'DURATION':
      return reader.getDuration(...(args as [string, Contexts, number]));
    case 'JSON':
      return reader.getJSON(...args);
    default:
      return reader.get(...args);
  }
}
