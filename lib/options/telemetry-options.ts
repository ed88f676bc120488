import { randomUUID } from 'node:crypto';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { deliveryAddresses } from '../sources/http/api-urls.js';
import type { TelemetrySettings } from '../telemetry/telemetry-settings.js';
import { keyOf } from './network-options.js';

/** Fills in the defaults; `undefined` when nothing is to be recorded: without a key, or with all of it turned off. */
export function telemetrySettings(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): TelemetrySettings | undefined {
  const sdkKey = keyOf(options, env);
  const { collectEvaluationSummaries = true, contextUploadMode = 'periodic_example' } = options;
  if (sdkKey === undefined) return undefined;
  if (!collectEvaluationSummaries && contextUploadMode === 'none') return undefined;
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
