import { describe, expect, it, onTestFinished } from 'vitest';
import type { Contexts, QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import {
  type CorpusCase,
  corpusExists,
  corpusIsRequired,
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

describe.runIf(corpusExists || corpusIsRequired)('the telemetry cases of the corpus', () => {
  it('the corpus has the expected number of telemetry cases', () => {
    expect(cases).toHaveLength(27);
  });

  it.for(cases.map((one) => [one.id, one] as const))(
    'telemetry passes the corpus case %s',
    async ([, one]) => {
      const stub = await TelemetryStub.start(200);
      onTestFinished(() => stub.stop());
      const service = await serviceOfCase(one, undefined, undefined, {
        sdkKey: 'qf_sk_conformance',
        telemetryUrl: stub.url,
        enableQuonfigUserContext: false,
        ...overridesOf(one),
      });
      const begin = Date.now();
      record(service, one);
      await service.flush();

      const { aggregator, expected } = one.telemetry!;
      const events = eventsOf(service, one);
      expect(events.some((event) => EVENTS[aggregator] in event)).toBe(expected !== null);
      expect(stub.requests).toHaveLength(events.length === 0 ? 0 : 1);
      for (const { path, body } of stub.requests) {
        expect(path).toBe('/api/v1/telemetry/');
        expect(withoutTimes(body, begin)).toStrictEqual({ instanceHash: 'a UUID', events });
      }
    },
  );
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

/** All events of a case in order: the expected ones, and those that its reads cause as well. */
function eventsOf(service: QuonfigService, one: CorpusCase): Record<string, unknown>[] {
  const { aggregator, expected } = one.telemetry!;
  const { collectEvaluationSummaries = true, contextUploadMode } = overridesOf(one);
  const read = contextsRead(one);
  const expects = (kind: typeof aggregator, others: () => unknown[]): unknown[] => {
    if (kind !== aggregator) return others();
    if (expected === null) return [];
    if (kind === 'evaluation_summary') return summariesOf(service, expected as ExpectedCount[]);
    return kind === 'context_shape' ? expectedShapes(expected) : [exampleOf(expected as Contexts)];
  };
  const summaries = expects('evaluation_summary', () => {
    if (!collectEvaluationSummaries) return [];
    return summariesOf(service, [{ ...READ_OF_CONTEXT_CASES, count: read.length }]);
  });
  const shapes = expects('context_shape', () =>
    contextUploadMode === 'none' ? [] : shapesOf(read),
  );
  const examples = expects('example_contexts', () =>
    contextUploadMode === undefined ? read.filter(hasIdentity).map(exampleOf) : [],
  );
  return [
    ...(summaries.length > 0 ? [{ summaries: { start: 0, end: 0, summaries } }] : []),
    ...(shapes.length > 0 ? [{ contextShapes: { shapes } }] : []),
    ...(examples.length > 0 ? [{ exampleContexts: { examples } }] : []),
  ];
}

/** The summary of the config that the context cases read. */
const READ_OF_CONTEXT_CASES = {
  key: 'my-test-key',
  type: 'CONFIG',
  reason: 2,
  selected_value: { string: 'my-test-value' },
  summary: { config_row_index: 0, conditional_value_index: 1 },
};

/** The contexts of all reads of a case. */
function contextsRead({ telemetry, contexts }: CorpusCase): Contexts[] {
  const { aggregator, data } = telemetry!;
  if (aggregator !== 'evaluation_summary') return [data].flat() as Contexts[];
  return [{ ...contexts.global, ...contexts.block, ...contexts.local }];
}

/** Checks the times and the instance hash of a body, and replaces them with constants. */
function withoutTimes(body: string, begin: number): unknown {
  const report = JSON.parse(body, (name, value: unknown) => {
    if (!['start', 'end', 'timestamp'].includes(name)) return value;
    expect(Number.isInteger(value), name).toBe(true);
    expect(value).toBeGreaterThanOrEqual(begin);
    expect(value).toBeLessThanOrEqual(Date.now());
    return 0;
  }) as { instanceHash: string; events: Record<string, any>[] };
  expect(report.instanceHash).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  // The rows of the corpus are unordered.
  for (const { summaries } of report.events) {
    if (summaries !== undefined) summaries.summaries = sorted(summaries.summaries as unknown[]);
  }
  return { ...report, instanceHash: 'a UUID' };
}

/** The complete summaries that the rows describe. */
function summariesOf(service: QuonfigService, expected: ExpectedCount[]): unknown[] {
  const summaries = new Map<string, { key: string; type: string; counters: unknown[] }>();
  for (const row of expected) {
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
  return sorted([...summaries.values()]);
}

function expectedShapes(expected: unknown): unknown[] {
  return (expected as { name: string; field_types: Record<string, number> }[]).map(
    ({ name, field_types: fieldTypes }) => ({ name, fieldTypes }),
  );
}

/** Shapes of the contexts in other cases, none of which contains a list. */
function shapesOf(read: readonly Contexts[]): unknown[] {
  const numbers = { string: 2, boolean: 5 } as Record<string, number>;
  const shapes = new Map<string, Record<string, number>>();
  for (const [name, properties] of read.flatMap((contexts) => Object.entries(contexts))) {
    const fieldTypes = shapes.get(name) ?? {};
    for (const [field, value] of Object.entries(properties ?? {})) {
      const number = Number.isInteger(value) ? 1 : 4;
      fieldTypes[field] ??= numbers[typeof value] ?? number;
    }
    shapes.set(name, fieldTypes);
  }
  return [...shapes].map(([name, fieldTypes]) => ({ name, fieldTypes }));
}

function hasIdentity(contexts: Contexts): boolean {
  return Object.values(contexts).some(
    (context: { key?: unknown } | undefined) => context?.key !== undefined,
  );
}

function exampleOf(contexts: Contexts): unknown {
  const all = Object.entries(contexts).map(([type, values]) => ({ type, values }));
  return { timestamp: 0, contextSet: { contexts: all } };
}

function sorted(summaries: readonly unknown[]): unknown[] {
  return [...summaries].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
