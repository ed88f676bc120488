import type { Delivery } from './delivery/delivery.js';
import { SDK_VERSION } from './delivery/sdk-version.js';
import type {
  QuonfigHealth,
  QuonfigMetrics,
  TelemetryMetrics,
  TelemetryState,
} from './interfaces/index.js';
import type { ConfigStore } from './store/index.js';
import { NO_REPORTS, type TelemetryReporter } from './telemetry/telemetry-reporter.js';
import type { CallbackRunner } from './updates/callback-runner.js';

/** The parts of a service that know how it is. */
export interface DiagnosedParts {
  readonly store: ConfigStore;
  readonly delivery: Delivery;
  readonly callbacks: CallbackRunner;
  readonly telemetry: TelemetryReporter | undefined;
}

export function metricsOf({
  store,
  delivery,
  callbacks,
  telemetry,
}: DiagnosedParts): QuonfigMetrics {
  const { lastError, ...counters } = delivery.counters;
  return {
    sdkVersion: SDK_VERSION,
    installs: store.installCount,
    ...counters,
    callbackErrors: callbacks.errorCount,
    telemetry: telemetryMetrics(telemetry),
    ...(lastError !== undefined && { lastError }),
  };
}

export function healthOf({ store, delivery, telemetry }: DiagnosedParts): QuonfigHealth {
  const { mode, ageMs, counters, lastSuccessfulRefresh } = delivery;
  const { restarts, lastError } = counters;
  return {
    ready: store.current !== undefined,
    mode,
    connectionState: delivery.connectionState,
    terminalFailure: delivery.terminalFailure,
    fallbackPollerActive: delivery.fallbackPollerActive,
    lastSuccessfulRefresh: lastSuccessfulRefresh?.toISOString() ?? null,
    ageMs: ageMs === undefined ? null : Math.round(ageMs),
    generation: store.heldGeneration,
    version: store.current?.version ?? null,
    environment: store.current?.environment ?? null,
    resolvedFrom: delivery.resolvedFrom,
    installs: store.installCount,
    restarts: Object.values(restarts.stream).reduce((sum, count) => sum + count, 0),
    lastError: lastError ?? null,
    telemetry: telemetryState(telemetry),
  };
}

function telemetryState(telemetry: TelemetryReporter | undefined): TelemetryState {
  if (telemetry === undefined) return 'off';
  return telemetry.counters.refusedWith === undefined ? 'on' : 'refused';
}

function telemetryMetrics(telemetry: TelemetryReporter | undefined): TelemetryMetrics {
  const { sent, retained, retainedBytes, dropped, refusedWith } = telemetry?.counters ?? NO_REPORTS;
  return {
    state: telemetryState(telemetry),
    ...(refusedWith !== undefined && { refusedWith }),
    batchesSent: sent,
    batchesRetained: retained,
    bytesRetained: retainedBytes,
    batchesDropped: dropped,
  };
}
