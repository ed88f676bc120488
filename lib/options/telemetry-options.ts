import { randomUUID } from 'node:crypto';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import type { TelemetryOff, TelemetrySettings } from '../telemetry/telemetry-window.js';
import { keyOf, keySource, resolvedAddresses } from './network-options.js';
import { withDefault } from './option-table.js';

/** Returns the settings of telemetry with all defaults, or why telemetry is off. */
export function telemetrySettings(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): TelemetrySettings | TelemetryOff {
  const sdkKey = keyOf(options, env);
  const collectEvaluationSummaries = withDefault(options, 'collectEvaluationSummaries');
  const contextUploadMode = withDefault(options, 'contextUploadMode');
  if (sdkKey === undefined) return 'no_sdk_key';
  if (!collectEvaluationSummaries && contextUploadMode === 'none') return 'turned_off';
  return {
    sdkKey,
    keySource: keySource(options),
    telemetryUrl: resolvedAddresses(options, env).telemetryUrl,
    fetch: options.fetch,
    instanceHash: options.instanceHash ?? randomUUID(),
    collectEvaluationSummaries,
    contextUploadMode,
    redactContext: options.redactContext,
    telemetryFlushIntervalMs: withDefault(options, 'telemetryFlushIntervalMs'),
    telemetryTimeoutMs: withDefault(options, 'telemetryTimeoutMs'),
    telemetryMaxRetainedBatches: withDefault(options, 'telemetryMaxRetainedBatches'),
    telemetryMaxRetainedBytes: withDefault(options, 'telemetryMaxRetainedBytes'),
    telemetryMaxRetainedAgeMs: withDefault(options, 'telemetryMaxRetainedAgeMs'),
    telemetryMaxEvaluationSummaries: withDefault(options, 'telemetryMaxEvaluationSummaries'),
    telemetryMaxContextShapeFields: withDefault(options, 'telemetryMaxContextShapeFields'),
    telemetryMaxExampleContexts: withDefault(options, 'telemetryMaxExampleContexts'),
  };
}
