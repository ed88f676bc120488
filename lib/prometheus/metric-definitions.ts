import type {
  ClusterRole,
  ConnectionState,
  QuonfigMetrics,
  QuonfigService,
  RestartReason,
} from '../index.js';

/** One sample of a metric, for one service. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  /** In addition to `name`. */
  readonly labelNames: readonly string[];
  /** How prom-client combines the workers of a cluster. */
  readonly aggregator: 'sum' | 'min' | 'max';
  readonly read: (service: QuonfigService) => readonly Sample[];
}

/** All metrics. */
export const METRICS: readonly MetricDefinition[] = [
  {
    kind: 'counter',
    name: 'quonfig_sdk_worker_restart_total',
    help: 'Restarts of the stream (layer 1) and of polling (layer 2), by reason',
    labelNames: ['sdk', 'sdk_version', 'layer', 'reason'],
    aggregator: 'sum',
    read: (service) => restartsOf(service.metrics()),
  },
  counter(
    'quonfig_sse_connect_attempts_total',
    'Attempts to connect the stream',
    (m) => m.connectAttempts,
  ),
  counter('quonfig_config_installs_total', 'Envelopes installed', (m) => m.installs),
  counter(
    'quonfig_guard_rejections_total',
    'Envelopes dropped because they are not newer than the current configs',
    (m) => m.guardRejected,
  ),
  counter(
    'quonfig_failed_refreshes_total',
    'Fetches and polls that failed',
    (m) => m.failedRefreshes,
  ),
  counter(
    'quonfig_hedges_total',
    'Requests to the secondary API because the primary was slow',
    (m) => m.hedges,
  ),
  counter(
    'quonfig_failovers_total',
    'Requests to the secondary API because the primary failed',
    (m) => m.failovers,
  ),
  counter(
    'quonfig_callback_errors_total',
    'Callbacks and update handlers that threw or rejected',
    (m) => m.callbackErrors,
  ),
  counter(
    'quonfig_telemetry_batches_sent_total',
    'Telemetry reports accepted',
    (m) => m.telemetry.batchesSent,
  ),
  {
    kind: 'counter',
    name: 'quonfig_telemetry_batches_dropped_total',
    help: 'Telemetry reports lost, by cause',
    labelNames: ['cause'],
    aggregator: 'sum',
    read: (service) => dropsOf(service.metrics()),
  },
  gauge(
    'quonfig_telemetry_refused',
    'Whether the server refused telemetry, which is then off',
    'max',
    (s) => Number(s.metrics().telemetry.state === 'refused'),
  ),
  gauge('quonfig_ready', 'Whether configs have been loaded', 'min', (s) => Number(s.ready())),
  gauge(
    'quonfig_terminal_failure',
    'Whether the server refused the stream, which is then not reconnected',
    'max',
    (s) => Number(s.terminalFailure()),
  ),
  gauge('quonfig_generation', 'Generation of the current configs', 'min', (s) =>
    s.heldGeneration(),
  ),
  gauge(
    'quonfig_last_successful_refresh_timestamp_seconds',
    'When the configs were last confirmed current; missing for local files',
    'min',
    refreshedAt,
  ),
  gauge(
    'quonfig_saved_configs',
    'Whether the current configs are saved ones that nothing newer has replaced',
    'max',
    (s) => Number(s.health().source === 'persistence'),
  ),
  {
    kind: 'gauge',
    name: 'quonfig_connection_state',
    help: '1 for the current connection state, 0 for the others',
    labelNames: ['state'],
    aggregator: 'sum',
    read: (service) => statesOf(service.connectionState()),
  },
  {
    kind: 'gauge',
    name: 'quonfig_cluster_role',
    help: '1 for the current role among processes that share a stream, 0 for the others; missing without such a cluster',
    labelNames: ['role'],
    aggregator: 'sum',
    read: (service) => rolesOf(service.health().cluster),
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

/** A gauge without a value has no sample. */
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

const ROLES: readonly ClusterRole[] = ['leader', 'via primary', 'via leader', 'alone', 'none'];

function rolesOf(current: ClusterRole | undefined): Sample[] {
  if (current === undefined) return [];
  return ROLES.map((role) => ({ value: Number(role === current), labels: { role } }));
}

/** Local files do not expire, so an alert on age must not fire for them. */
function refreshedAt(service: QuonfigService): number | undefined {
  const at = service.lastSuccessfulRefresh();
  if (at === undefined || service.health().mode === 'local') return undefined;
  return at.getTime() / 1000;
}
