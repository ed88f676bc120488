import { describe, expect, it } from 'vitest';
import { thrownBy } from '../support/configs.js';
import {
  type CorpusCase,
  corpusExists,
  corpusMissing,
  corpusIsRequired,
  readCorpus,
  readerOfCase,
  readOfCase,
  serviceOfCase,
} from '../support/conformance.js';

const { local, network: networked } = readCorpus();
const network = networked.map(({ id }) => id);

if (!corpusExists && !corpusIsRequired) console.warn(corpusMissing);

describe.runIf(corpusExists || corpusIsRequired)('the conformance corpus', () => {
  it('the corpus has the expected number of local cases', () => {
    expect(corpusExists, corpusMissing).toBe(true);
    expect(countByFile(local.map(({ id }) => id))).toEqual({
      context_precedence: 18,
      datadir_environment: 6,
      datadir_value_type: 2,
      dev_overrides: 4,
      enabled: 92,
      enabled_with_contexts: 8,
      get: 53,
      get_feature_flag: 2,
      get_or_raise: 14,
      get_weighted_values: 17,
    });
  });

  it('only cases that need the network or telemetry run elsewhere', () => {
    expect(countByFile(network)).toEqual({
      delivery_environment: 3,
      get_or_raise: 2,
      post: 4,
      telemetry: 23,
    });
    expect(network.filter((id) => id.startsWith('get_or_raise'))).toEqual([
      'get_or_raise/get_or_raise_raises_the_correct_error_if_it_doesn_t_raise_on_init_timeout',
      'get_or_raise/get_or_raise_can_raise_an_error_if_the_client_does_not_initialize_in_time',
    ]);
  });

  it.for(local.map((one) => [one.id, one] as const))(
    'the SDK passes the corpus case %s',
    async ([, one]) => {
      if (one.call === 'init') await expectInitToFail(one);
      else await expectRead(one);
    },
  );
});

async function expectInitToFail(one: CorpusCase): Promise<void> {
  expect(one.expected.status).toBe('raise');
  await expect(serviceOfCase(one)).rejects.toMatchObject({ code: one.expected.error });
}

async function expectRead(one: CorpusCase): Promise<void> {
  const service = await serviceOfCase(one);
  const reader = readerOfCase(service, one);
  const { expected, repeat } = one;
  if (expected.status === 'raise') {
    expect(thrownBy(() => readOfCase(reader, one))).toMatchObject({ code: expected.error });
    return;
  }
  if (expected.values_seen !== undefined) {
    const seen = new Set(Array.from({ length: repeat }, () => readOfCase(reader, one)));
    expect(seen).toEqual(new Set(expected.values_seen));
    return;
  }
  expect(readOfCase(reader, one)).toEqual(expected.millis ?? expected.value ?? undefined);
  if (expected.raw_value_type !== undefined) {
    const raw = service.getRawMatch(one.key)?.config.value;
    expect(typeof raw).toBe(expected.raw_value_type);
  }
}

function countByFile(ids: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of ids) {
    const file = id.slice(0, id.indexOf('/'));
    counts[file] = (counts[file] ?? 0) + 1;
  }
  return counts;
}
