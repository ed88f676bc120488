import { EMPTY } from 'rxjs';
import type { Contexts } from '../../../lib/index.js';
import {
  type TelemetrySettings,
  TelemetryWindow,
  type TelemetryWindowOptions,
} from '../../../lib/telemetry/telemetry-window.js';

export const noFailover = {
  hedgeFired: 0,
  guardRejected: 0,
  resolvedFromPrimary: 0,
  resolvedFromSecondary: 0,
};

/** A window that records everything, unless the settings say otherwise. */
export function windowOf(
  settings: Partial<TelemetrySettings> = {},
  more: Partial<TelemetryWindowOptions> = {},
): TelemetryWindow {
  return new TelemetryWindow({
    settings: {
      instanceHash: 'hash',
      collectEvaluationSummaries: true,
      contextUploadMode: 'periodic_example',
      telemetryMaxEvaluationSummaries: 10_000,
      telemetryMaxContextShapeFields: 10_000,
      telemetryMaxExampleContexts: 10_000,
      ...settings,
    } as TelemetrySettings,
    failover: { totals: () => noFailover, counted$: EMPTY },
    redactFailed: () => undefined,
    ...more,
  });
}

/** An example as reported. */
export interface Example {
  readonly timestamp: number;
  readonly contextSet: {
    readonly contexts: { readonly type: string; readonly values: Record<string, unknown> }[];
  };
}

/** The contexts of one report. */
export interface ReportedContexts {
  readonly shapes: Record<string, Record<string, number>>;
  readonly examples: readonly Example[];
  /** Characters of the report. */
  readonly length: number;
}

/** Records contexts like reads, and parses the reports. */
export class Recording {
  private readonly window: TelemetryWindow;

  constructor(settings: Partial<TelemetrySettings> = {}) {
    this.window = windowOf({ collectEvaluationSummaries: false, ...settings });
  }

  record(contexts: unknown): void {
    this.window.recordContexts(contexts as Contexts, undefined);
  }

  async report(): Promise<ReportedContexts> {
    return reportedContexts(Buffer.from((await this.window.take()) ?? '{"events":[]}').toString());
  }

  /** The values that an example contains of a single context. */
  async valuesOf(properties: unknown): Promise<Record<string, unknown>> {
    this.record({ user: properties });
    const { examples } = await this.report();
    return examples[0]!.contextSet.contexts[0]!.values;
  }
}

/** The contexts in the body of a report. */
export function reportedContexts(body: string): ReportedContexts {
  const { events } = JSON.parse(body) as {
    events: {
      contextShapes?: { shapes: { name: string; fieldTypes: Record<string, number> }[] };
      exampleContexts?: { examples: Example[] };
    }[];
  };
  const shapes = events.flatMap((event) => event.contextShapes?.shapes ?? []);
  return {
    shapes: Object.fromEntries(shapes.map(({ name, fieldTypes }) => [name, fieldTypes])),
    examples: events.flatMap((event) => event.exampleContexts?.examples ?? []),
    length: body.length,
  };
}
