import type { Delivery } from '../delivery/delivery.js';
import { SDK_VERSION } from '../delivery/sdk-version.js';
import type {
  QuonfigHealth,
  QuonfigMetrics,
  TelemetryMetrics,
  TelemetryOffReason,
  TelemetryState,
} from '../interfaces/index.js';
import type { FailoverSource } from '../telemetry/report/failover-counts.js';
import { NO_REPORTS } from '../telemetry/report/telemetry-reporter.js';
import type { QuonfigParts } from './part-row.js';

/** The parts that metrics and health are derived from. */
export type DiagnosedParts = Pick<
  QuonfigParts,
  'options' | 'store' | 'cluster' | 'delivery' | 'callbacks' | 'reporter' | 'persistence'
>;

type TelemetryParts = Pick<DiagnosedParts, 'options' | 'reporter'>;

export function metricsOf(parts: DiagnosedParts): QuonfigMetrics {
  const { store, delivery, callbacks, persistence } = parts;
  return {
    sdkVersion: SDK_VERSION,
    installs: store.installCount,
    ...delivery.counters,
    callbackErrors: callbacks.errorCount,
    ...(persistence && { persistence: persistence.counters }),
    telemetry: telemetryMetrics(parts),
  };
}

export function healthOf(parts: DiagnosedParts): QuonfigHealth {
  const { store, cluster, delivery } = parts;
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
    source: store.currentSource ?? null,
    ...(cluster && { cluster: cluster.role }),
    resolvedFrom: delivery.resolvedFrom,
    installs: store.installCount,
    restarts: Object.values(restarts.stream).reduce((sum, count) => sum + count, 0),
    lastError: lastError ?? null,
    olderThanFiles: store.outdated,
    telemetry: telemetryState(parts),
  };
}

/** Returns the counters of the delivery in the terms of a telemetry report. */
export function failoverSource(delivery: Delivery): FailoverSource {
  return {
    totals: () => {
      const { hedges, failovers, guardRejected, installsFrom } = delivery.counters;
      return {
        hedgeFired: hedges + failovers,
        guardRejected,
        resolvedFromPrimary: installsFrom.primary,
        resolvedFromSecondary: installsFrom.secondary,
      };
    },
    counted$: delivery.counted$,
  };
}

function telemetryState(parts: TelemetryParts): TelemetryState {
  const reason = whyOff(parts);
  if (reason === undefined) return 'on';
  return reason === 'refused' ? 'refused' : 'off';
}

/** Returns why telemetry is off; `undefined` while it is on. */
function whyOff({ options, reporter }: TelemetryParts): TelemetryOffReason | undefined {
  const { telemetry } = options;
  if (typeof telemetry === 'string') return telemetry;
  // An application may have overridden the reporter with `undefined`.
  if (reporter === undefined) return 'turned_off';
  const { refusedWith, closed, running } = reporter.counters;
  if (refusedWith !== undefined) return 'refused';
  if (closed) return 'closed';
  return running ? undefined : 'paused';
}

function telemetryMetrics(parts: TelemetryParts): TelemetryMetrics {
  const { sent, retained, retainedBytes, dropped, refusedWith } =
    parts.reporter?.counters ?? NO_REPORTS;
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
