import type { ConnectionState, QuonfigMetrics, QuonfigService, RestartReason } from '../index.js';

/** One line of a metric, for one service. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  /** Beside `name`. */
  readonly labelNames: readonly string[];
  /** How the workers of a cluster become one number. */
  readonly aggregator: 'sum' | 'min' | 'max';
  readonly read: (service: QuonfigService) => readonly Sample[];
}

/** Every metric there is: one line adds one. */
export const METRICS: readonly MetricDefinition[] = [
  {
    kind: 'counter',
    name: 'quonfig_sdk_worker_restart_total',
    help: 'How often the stream (layer 1) or a poll (layer 2) was begun again, by reason',
    labelNames: ['sdk', 'sdk_version', 'layer', 'reason'],
    aggregator: 'sum',
    read: (service) => restartsOf(service.metrics()),
  },
  counter(
    'quonfig_sse_connect_attempts_total',
    'Attempts to connect the stream',
    (m) => m.connectAttempts,
  ),
  counter('quonfig_config_installs_total', 'Sets of configs installed', (m) => m.installs),
  counter(
    'quonfig_guard_rejections_total',
    'Sets of configs dropped because a newer one is held',
    (m) => m.guardRejected,
  ),
  counter(
    'quonfig_failed_refreshes_total',
    'Fetches and polls that failed',
    (m) => m.failedRefreshes,
  ),
  counter(
    'quonfig_hedges_total',
    'How often the secondary was asked because the primary took long',
    (m) => m.hedges,
  ),
  counter(
    'quonfig_failovers_total',
    'How often the secondary was asked because the primary failed',
    (m) => m.failovers,
  ),
  counter(
    'quonfig_callback_errors_total',
    'Callbacks and update handlers that threw or rejected',
    (m) => m.callbackErrors,
  ),
  counter(
    'quonfig_telemetry_batches_sent_total',
    'Reports of telemetry that were accepted',
    (m) => m.telemetry.batchesSent,
  ),
  {
    kind: 'counter',
    name: 'quonfig_telemetry_batches_dropped_total',
    help: 'Reports of telemetry that were lost, by cause',
    labelNames: ['cause'],
    aggregator: 'sum',
    read: (service) => dropsOf(service.metrics()),
  },
  gauge('quonfig_telemetry_refused', 'Whether telemetry was refused and is off', 'max', (s) =>
    Number(s.metrics().telemetry.state === 'refused'),
  ),
  gauge('quonfig_ready', 'Whether configs have been loaded', 'min', (s) => Number(s.ready())),
  gauge(
    'quonfig_terminal_failure',
    'Whether the stream is refused and not asked again',
    'max',
    (s) => Number(s.terminalFailure()),
  ),
  gauge('quonfig_generation', 'Generation of the configs held', 'min', (s) => s.heldGeneration()),
  gauge(
    'quonfig_last_successful_refresh_timestamp_seconds',
    'When what is held was last known to be current; not for files',
    'min',
    refreshedAt,
  ),
  {
    kind: 'gauge',
    name: 'quonfig_connection_state',
    help: '1 for the state that the connection is in, 0 for the others',
    labelNames: ['state'],
    aggregator: 'sum',
    read: (service) => statesOf(service.connectionState()),
  },
];

function counter(
  name: string,
  help: string,
  read: (metrics: QuonfigMetrics) => number,
): MetricDefinition {
  const samples = (service: QuonfigService) => [{ value: read(service.metrics()) }];
  return { kind: 'counter', name, help, labelNames: [], aggregator: 'sum', read: samples };
}

/** Without a value there is no line. */
function gauge(
  name: string,
  help: string,
  aggregator: 'min' | 'max',
  read: (service: QuonfigService) => number | undefined,
): MetricDefinition {
  const samples = (service: QuonfigService) => {
    const value = read(service);
    return value === undefined ? [] : [{ value }];
  };
  return { kind: 'gauge', name, help, labelNames: [], aggregator, read: samples };
}

function restartsOf({ sdkVersion, restarts }: QuonfigMetrics): Sample[] {
  const dash = sdkVersion.indexOf('-');
  const sdk = { sdk: sdkVersion.slice(0, dash), sdk_version: sdkVersion.slice(dash + 1) };
  const layer = (number: string, reasons: Readonly<Record<RestartReason, number>>): Sample[] =>
    Object.entries(reasons).map(([reason, value]) => ({
      value,
      labels: { ...sdk, layer: number, reason },
    }));
  return [...layer('1', restarts.stream), ...layer('2', restarts.poll)];
}

function dropsOf({ telemetry }: QuonfigMetrics): Sample[] {
  const drops = Object.entries(telemetry.batchesDropped);
  return drops.map(([cause, value]) => ({ value, labels: { cause } }));
}

const STATES: readonly ConnectionState[] = [
  'initializing',
  'connected',
  'falling_back',
  'disconnected',
];

function statesOf(current: ConnectionState): Sample[] {
  return STATES.map((state) => ({ value: Number(state === current), labels: { state } }));
}

/** Files do not grow old: an alert on age must not fire for them. */
function refreshedAt(service: QuonfigService): number | undefined {
  const at = service.lastSuccessfulRefresh();
  if (at === undefined || service.health().mode === 'local') return undefined;
  return at.getTime() / 1000;
}
