import type { ContextProperties } from '../model/index.js';

/** Why nothing is recorded from the start. */
export type TelemetryOff = 'no_sdk_key' | 'turned_off';

/** What is recorded and how it is sent; times in ms. */
export interface TelemetrySettings {
  readonly sdkKey: string;
  /** Base address of the telemetry service, without a slash at its end. */
  readonly telemetryUrl: string;
  /** The application's own. */
  readonly fetch: typeof globalThis.fetch | undefined;
  /** How this client calls itself. */
  readonly instanceHash: string;
  readonly collectEvaluationSummaries: boolean;
  readonly contextUploadMode: 'periodic_example' | 'shapes_only' | 'none';
  readonly redactContext:
    | ((contextName: string, properties: ContextProperties) => ContextProperties | undefined)
    | undefined;
  readonly telemetryFlushIntervalMs: number;
  readonly telemetryTimeoutMs: number;
  readonly telemetryMaxRetainedBatches: number;
  readonly telemetryMaxRetainedBytes: number;
  readonly telemetryMaxRetainedAgeMs: number;
  readonly telemetryMaxEvaluationSummaries: number;
  readonly telemetryMaxContextShapeFields: number;
  readonly telemetryMaxExampleContexts: number;
}
