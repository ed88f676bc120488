import { randomUUID } from 'node:crypto';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { deliveryAddresses } from '../sources/http/api-urls.js';
import type { TelemetryOff, TelemetrySettings } from '../telemetry/telemetry-settings.js';
import { keyOf } from './network-options.js';

/** Fills in the defaults; when nothing is to be recorded, gives the reason. */
export function telemetrySettings(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): TelemetrySettings | TelemetryOff {
  const sdkKey = keyOf(options, env);
  const { collectEvaluationSummaries = true, contextUploadMode = 'periodic_example' } = options;
  if (sdkKey === undefined) return 'no_sdk_key';
  if (!collectEvaluationSummaries && contextUploadMode === 'none') return 'turned_off';
  return {
    sdkKey,
    base: deliveryAddresses(options, env).telemetryUrl,
    fetch: options.fetch,
    instanceHash: options.instanceHash ?? randomUUID(),
    collectEvaluationSummaries,
    contextUploadMode,
    redactContext: options.redactContext,
    flushIntervalMs: options.telemetryFlushIntervalMs ?? 60_000,
    timeoutMs: options.telemetryTimeoutMs ?? 15_000,
    maxRetainedBatches: options.telemetryMaxRetainedBatches ?? 5,
    maxRetainedBytes: options.telemetryMaxRetainedBytes ?? 2 * 1_024 * 1_024,
    maxRetainedAgeMs: options.telemetryMaxRetainedAgeMs ?? 300_000,
    maxEvaluationSummaries: options.telemetryMaxEvaluationSummaries ?? 10_000,
    maxContextShapeFields: options.telemetryMaxContextShapeFields ?? 10_000,
    maxExampleContexts: options.telemetryMaxExampleContexts ?? 10_000,
  };
}
