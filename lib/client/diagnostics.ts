import type { Delivery } from '../delivery/delivery.js';
import { SDK_VERSION } from '../delivery/sdk-version.js';
import type {
  QuonfigHealth,
  QuonfigMetrics,
  TelemetryMetrics,
  TelemetryOffReason,
  TelemetryState,
} from '../interfaces/index.js';
import type { ConfigStore } from '../store/index.js';
import { NO_REPORTS, type TelemetryReporter } from '../telemetry/telemetry-reporter.js';
import type { TelemetryOff } from '../telemetry/telemetry-settings.js';
import type { CallbackRunner } from '../updates/callback-runner.js';

/** The parts of a service that know how it is. */
export interface DiagnosedParts {
  readonly store: ConfigStore;
  readonly delivery: Delivery;
  readonly callbacks: CallbackRunner;
  readonly telemetry: TelemetryReporter | undefined;
  /** Why there is no reporter. */
  readonly telemetryOff: TelemetryOff | undefined;
}

type TelemetryParts = Pick<DiagnosedParts, 'telemetry' | 'telemetryOff'>;

export function metricsOf(parts: DiagnosedParts): QuonfigMetrics {
  const { store, delivery, callbacks } = parts;
  const { lastError, ...counters } = delivery.counters;
  return {
    sdkVersion: SDK_VERSION,
    installs: store.installCount,
    ...counters,
    callbackErrors: callbacks.errorCount,
    telemetry: telemetryMetrics(parts),
    ...(lastError !== undefined && { lastError }),
  };
}

export function healthOf(parts: DiagnosedParts): QuonfigHealth {
  const { store, delivery } = parts;
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
    telemetry: telemetryState(parts),
  };
}

function telemetryState(parts: TelemetryParts): TelemetryState {
  const reason = whyOff(parts);
  if (reason === undefined) return 'on';
  return reason === 'refused' ? 'refused' : 'off';
}

/** `undefined` while telemetry is on. */
function whyOff({ telemetry, telemetryOff }: TelemetryParts): TelemetryOffReason | undefined {
  if (telemetry === undefined) return telemetryOff ?? 'turned_off';
  const { refusedWith, closed } = telemetry.counters;
  if (refusedWith !== undefined) return 'refused';
  return closed ? 'closed' : undefined;
}

function telemetryMetrics(parts: TelemetryParts): TelemetryMetrics {
  const { sent, retained, retainedBytes, dropped, refusedWith } =
    parts.telemetry?.counters ?? NO_REPORTS;
  const reason = whyOff(parts);
  return {
    state: telemetryState(parts),
    ...(reason !== undefined && { reason }),
    ...(refusedWith !== undefined && { refusedWith }),
    batchesSent: sent,
    batchesRetained: retained,
    bytesRetained: retainedBytes,
    batchesDropped: dropped,
  };
}
