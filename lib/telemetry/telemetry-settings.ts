import type { ContextProperties } from '../model/index.js';

/** Why nothing is recorded from the start. */
export type TelemetryOff = 'no_sdk_key' | 'turned_off';

/** What is recorded and how it is sent; times in ms. */
export interface TelemetrySettings {
  readonly sdkKey: string;
  /** Base address of the telemetry service, without a slash at its end. */
  readonly base: string;
  /** The application's own. */
  readonly fetch: typeof globalThis.fetch | undefined;
  /** How this client calls itself. */
  readonly instanceHash: string;
  readonly collectEvaluationSummaries: boolean;
  readonly contextUploadMode: 'periodic_example' | 'shapes_only' | 'none';
  readonly redactContext:
    | ((contextName: string, properties: ContextProperties) => ContextProperties | undefined)
    | undefined;
  readonly flushIntervalMs: number;
  readonly timeoutMs: number;
  readonly maxRetainedBatches: number;
  readonly maxRetainedBytes: number;
  readonly maxRetainedAgeMs: number;
  readonly maxEvaluationSummaries: number;
  readonly maxContextShapeFields: number;
  readonly maxExampleContexts: number;
}
