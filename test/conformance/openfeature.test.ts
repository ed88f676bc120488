import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type Client,
  type EvaluationContext,
  type EvaluationDetails,
  type JsonValue,
  OpenFeature,
} from '@openfeature/server-sdk';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { QuonfigService } from '../../lib/index.js';
import { QuonfigProvider, type QuonfigProviderOptions } from '../../lib/openfeature/index.js';
import { corpusExists, corpusIsRequired, corpusMissing } from '../support/conformance.js';
import { RecordingLogger } from '../support/recording-logger.js';

interface OpenFeatureCase {
  readonly name: string;
  readonly function: string;
  readonly input: { readonly key: string; readonly default: JsonValue };
  readonly of_context?: EvaluationContext;
  readonly provider_options?: QuonfigProviderOptions;
  readonly expected: { readonly value: JsonValue; readonly reason: string };
}

const directory = resolve(import.meta.dirname, '../..', process.env['QUONFIG_CONFORMANCE_DIR']!);
const file = join(directory, 'tests/openfeature/openfeature.yaml');

/** Cases whose reason differs from that of the SDK family's own provider, which the SDK follows. The values agree. */
const differences: Readonly<Record<string, string>> = {
  // A missing key is an error in OpenFeature's own rules.
  'missing key returns OF default with reason DEFAULT, not an error': 'ERROR',
  // The config has a targeting rule, so that a value of its last rule is the result of targeting.
  'dot-notation OF context routes to targeting rule (no match)': 'TARGETING_MATCH',
};

type Evaluation = (
  client: Client,
  key: string,
  fallback: never,
  context: EvaluationContext | undefined,
) => Promise<EvaluationDetails<JsonValue>>;

const evaluations: Readonly<Record<string, Evaluation>> = {
  resolveBooleanValue: (client, ...call) => client.getBooleanDetails(...call),
  resolveStringValue: (client, ...call) => client.getStringDetails(...call),
  resolveNumberValue: (client, ...call) => client.getNumberDetails(...call),
  resolveObjectValue: (client, ...call) => client.getObjectDetails(...call),
};

function readCases(): OpenFeatureCase[] {
  if (!existsSync(file)) return [];
  const { tests } = parse(readFileSync(file, 'utf8')) as { tests: { cases: OpenFeatureCase[] }[] };
  return tests.flatMap(({ cases }) => cases);
}

const cases = readCases();

describe.runIf(corpusExists || corpusIsRequired)('the OpenFeature cases of the corpus', () => {
  afterAll(() => OpenFeature.clearProviders());

  it('the corpus has seven OpenFeature cases, and every difference is one of them', () => {
    expect(corpusExists, corpusMissing).toBe(true);
    expect(cases).toHaveLength(7);
    const names = cases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(differences)));
  });

  it.for(cases.map((one) => [one.name, one] as const))(
    'the provider passes the OpenFeature case: %s',
    async ([name, one]) => {
      const service = await QuonfigService.create({
        datadir: join(directory, 'data/integration-tests'),
        environment: 'Production',
        logger: new RecordingLogger(),
      });
      onTestFinished(() => service.close());
      await OpenFeature.setProviderAndWait(
        name,
        new QuonfigProvider(service, one.provider_options),
      );
      const evaluate = evaluations[one.function]!;
      const { key, default: fallback } = one.input;
      const client = OpenFeature.getClient(name);

      const details = await evaluate(client, key, fallback as never, one.of_context);

      expect(details.value).toEqual(one.expected.value);
      expect(details.reason).toBe(differences[name] ?? one.expected.reason);
      if (differences[name] !== undefined) expect(details.reason).not.toBe(one.expected.reason);
    },
  );
});
