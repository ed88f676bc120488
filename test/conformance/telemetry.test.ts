import { describe, expect, it, onTestFinished } from 'vitest';
import type { Contexts, QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import {
  type CorpusCase,
  corpusIsThere,
  corpusMustBeThere,
  readCorpus,
  readerOfCase,
  serviceOfCase,
} from '../support/conformance.js';
import { TelemetryStub } from '../support/telemetry-stub.js';

const cases = readCorpus().network.filter(({ telemetry }) => telemetry !== undefined);

/** A row of `expected_data` about evaluations. */
interface ExpectedCount {
  key: string;
  type: string;
  count: number;
  reason: number;
  selected_value: Record<string, unknown>;
  summary: Record<string, number>;
}

describe.runIf(corpusIsThere || corpusMustBeThere)('the telemetry cases of the corpus', () => {
  it('are all there', () => {
    expect(cases).toHaveLength(27);
  });

  it.for(cases.map((one) => [one.id, one] as const))('%s', async ([, one]) => {
    const stub = await TelemetryStub.start(200);
    onTestFinished(() => stub.stop());
    const service = await serviceOfCase(one, undefined, undefined, {
      sdkKey: 'qf_sk_conformance',
      telemetryUrl: stub.url,
      enableQuonfigUserContext: false,
      ...overridesOf(one),
    });
    record(service, one);
    await service.flush();

    const { aggregator, expected } = one.telemetry!;
    const events = stub.requests.flatMap(
      ({ body }) => (JSON.parse(body) as { events: Record<string, any>[] }).events,
    );
    if (expected === null) {
      expect(events.flatMap((event) => Object.keys(event))).not.toContain(EVENTS[aggregator]);
      return;
    }
    expect(stub.requests).toHaveLength(1);
    expect(stub.requests[0]!.path).toBe('/api/v1/telemetry/');
    const told = events.find((event) => EVENTS[aggregator] in event)![EVENTS[aggregator]];
    if (aggregator === 'evaluation_summary') {
      expect(sorted(told.summaries)).toEqual(sorted(summariesOf(service, expected)));
    } else if (aggregator === 'context_shape') {
      expect(told.shapes).toEqual(shapesOf(expected));
    } else {
      expect(told.examples).toEqual([
        { timestamp: expect.any(Number), contextSet: { contexts: contextsOf(expected) } },
      ]);
    }
  });
});

const EVENTS = {
  evaluation_summary: 'summaries',
  context_shape: 'contextShapes',
  example_contexts: 'exampleContexts',
} as const;

function overridesOf({ overrides }: CorpusCase): Partial<QuonfigModuleOptions> {
  const mode = overrides['context_upload_mode'] as string | undefined;
  const modes = { ':none': 'none', ':shape_only': 'shapes_only' } as const;
  return {
    ...(mode !== undefined && { contextUploadMode: modes[mode as keyof typeof modes] }),
    ...(overrides['collect_evaluation_summaries'] === false && {
      collectEvaluationSummaries: false,
    }),
  };
}

function record(service: QuonfigService, one: CorpusCase): void {
  const { aggregator, data } = one.telemetry!;
  if (aggregator !== 'evaluation_summary') {
    for (const contexts of Array.isArray(data) ? data : [data]) {
      service.get('my-test-key', contexts as Contexts);
    }
    return;
  }
  const { keys = [], keys_without_context: others = [] } = data as Record<string, string[]>;
  const reader = readerOfCase(service, one);
  for (const key of keys) reader.get(key, one.contexts.local);
  for (const key of others) service.get(key);
}

/** The summaries that rows stand for: whole, with nothing beside. */
function summariesOf(service: QuonfigService, expected: unknown): unknown[] {
  const summaries = new Map<string, { key: string; type: string; counters: unknown[] }>();
  for (const row of expected as ExpectedCount[]) {
    const { key, count, reason } = row;
    const type = row.type.toLowerCase();
    const { id } = service.rawConfig(key)!;
    const summary = summaries.get(key) ?? { key, type, counters: [] };
    summary.counters.push({
      configId: id,
      conditionalValueIndex: row.summary['conditional_value_index'],
      configRowIndex: row.summary['config_row_index'],
      ...('weighted_value_index' in row.summary && {
        weightedValueIndex: row.summary['weighted_value_index'],
      }),
      selectedValue: row.selected_value,
      count,
      reason,
    });
    summaries.set(key, summary);
  }
  return [...summaries.values()];
}

function shapesOf(expected: unknown): unknown[] {
  return (expected as { name: string; field_types: Record<string, number> }[]).map(
    ({ name, field_types: fieldTypes }) => ({ name, fieldTypes }),
  );
}

function contextsOf(expected: unknown): unknown[] {
  return Object.entries(expected as Contexts).map(([type, values]) => ({ type, values }));
}

function sorted(summaries: unknown[]): string[] {
  return summaries.map((summary) => JSON.stringify(summary)).sort();
}
