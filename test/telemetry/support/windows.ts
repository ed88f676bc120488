import { EMPTY } from 'rxjs';
import type { Contexts } from '../../../lib/index.js';
import type { TelemetrySettings } from '../../../lib/telemetry/telemetry-settings.js';
import {
  TelemetryWindow,
  type TelemetryWindowOptions,
} from '../../../lib/telemetry/telemetry-window.js';

export const noFailover = {
  hedgeFired: 0,
  guardRejected: 0,
  resolvedFromPrimary: 0,
  resolvedFromSecondary: 0,
};

/** A window that takes down everything, unless it is told otherwise. */
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

/** An example as it is told. */
export interface Example {
  readonly timestamp: number;
  readonly contextSet: {
    readonly contexts: { readonly type: string; readonly values: Record<string, unknown> }[];
  };
}

/** What one report tells of contexts. */
export interface Told {
  readonly shapes: Record<string, Record<string, number>>;
  readonly examples: readonly Example[];
  /** Characters of it. */
  readonly length: number;
}

/** Records contexts as reads do, and says what a report tells of them. */
export class Recording {
  private readonly window: TelemetryWindow;

  constructor(settings: Partial<TelemetrySettings> = {}) {
    this.window = windowOf({ collectEvaluationSummaries: false, ...settings });
  }

  see(contexts: unknown): void {
    this.window.recordContexts(contexts as Contexts, undefined);
  }

  async report(): Promise<Told> {
    return toldBy(Buffer.from((await this.window.take()) ?? '{"events":[]}').toString());
  }

  /** What an example tells of a context that is seen alone. */
  async valuesOf(properties: unknown): Promise<Record<string, unknown>> {
    this.see({ user: properties });
    const { examples } = await this.report();
    return examples[0]!.contextSet.contexts[0]!.values;
  }
}

/** What the body of a report tells of contexts. */
export function toldBy(body: string): Told {
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
