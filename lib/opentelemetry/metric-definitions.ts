import type {
  ConnectionState,
  EvaluationDetails,
  QuonfigMetrics,
  QuonfigService,
} from '../index.js';
import * as attribute from './quonfig-attributes.js';
import { ATTR_FEATURE_FLAG_RESULT_REASON } from './semantic-conventions.js';

/** How often a service was read, by reason. */
export type ReadCounts = Record<EvaluationDetails['reason'], number>;

/** What the metrics of one service are read from. */
export interface Observed {
  readonly service: QuonfigService;
  readonly reads: Readonly<ReadCounts>;
}

export interface Sample {
  readonly value: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface MetricDefinition {
  readonly kind: 'Counter' | 'UpDownCounter' | 'Gauge';
  readonly name: string;
  /** In UCUM; what is counted is in braces. */
  readonly unit: string;
  readonly description: string;
  /** Besides `quonfig.instance`. */
  readonly attributes: readonly string[];
  readonly read: (observed: Observed) => readonly Sample[];
}

/** All metrics. */
export const METRICS: readonly MetricDefinition[] = [
  {
    kind: 'Counter',
    name: 'quonfig.reads',
    unit: '{read}',
    description: 'Reads of flags and configs, by reason',
    attributes: [ATTR_FEATURE_FLAG_RESULT_REASON],
    read: ({ reads }) =>
      samplesOf(ATTR_FEATURE_FLAG_RESULT_REASON, reads, (reason) => reason.toLowerCase()),
  },
  {
    kind: 'UpDownCounter',
    name: 'quonfig.connection.state',
    unit: '1',
    description: '1 for the current connection state, 0 for the others',
    attributes: [attribute.ATTR_QUONFIG_CONNECTION_STATE],
    read: ({ service }) => statesOf(service.connectionState()),
  },
  gauge('quonfig.ready', '1', '1 once configs have been loaded', (s) => Number(s.ready())),
  gauge('quonfig.terminal_failure', '1', '1 after the stream was refused', (s) =>
    Number(s.terminalFailure()),
  ),
  gauge('quonfig.config.age', 's', 'Time since the configs were last confirmed current', ageOf),
  gauge('quonfig.config.generation', '1', 'Generation of the current configs', (s) =>
    s.heldGeneration(),
  ),
  gauge('quonfig.config.saved', '1', '1 while the current configs are saved ones', (s) =>
    Number(s.health().source === 'persistence'),
  ),
  counter('quonfig.config.installs', '{install}', 'Envelopes installed', (m) => m.installs),
  counter(
    'quonfig.config.rejections',
    '{rejection}',
    'Envelopes dropped because the current configs are newer',
    (m) => m.guardRejected,
  ),
  counter(
    'quonfig.refresh.failures',
    '{failure}',
    'Fetches and polls that failed',
    (m) => m.failedRefreshes,
  ),
  counter(
    'quonfig.request.hedges',
    '{request}',
    'Requests to the secondary API because the primary was slow',
    (m) => m.hedges,
  ),
  counter(
    'quonfig.request.failovers',
    '{request}',
    'Requests to the secondary API because the primary failed',
    (m) => m.failovers,
  ),
  counter(
    'quonfig.stream.connects',
    '{attempt}',
    'Attempts to connect the stream',
    (m) => m.connectAttempts,
  ),
  {
    kind: 'Counter',
    name: 'quonfig.restarts',
    unit: '{restart}',
    description: 'Restarts of the stream and of polling, by reason',
    attributes: [attribute.ATTR_QUONFIG_RESTART_LAYER, attribute.ATTR_QUONFIG_RESTART_REASON],
    read: ({ service }) => restartsOf(service.metrics()),
  },
  counter(
    'quonfig.callback.errors',
    '{error}',
    'Callbacks and update handlers that threw or rejected',
    (m) => m.callbackErrors,
  ),
  counter(
    'quonfig.telemetry.reports',
    '{report}',
    'Telemetry reports accepted',
    (m) => m.telemetry.batchesSent,
  ),
  {
    kind: 'Counter',
    name: 'quonfig.telemetry.drops',
    unit: '{report}',
    description: 'Telemetry reports lost, by cause',
    attributes: [attribute.ATTR_QUONFIG_DROP_CAUSE],
    read: ({ service }) =>
      samplesOf(attribute.ATTR_QUONFIG_DROP_CAUSE, service.metrics().telemetry.batchesDropped),
  },
];

function counter(
  name: string,
  unit: string,
  description: string,
  count: (metrics: QuonfigMetrics) => number,
): MetricDefinition {
  const read = ({ service }: Observed) => [{ value: count(service.metrics()) }];
  return { kind: 'Counter', name, unit, description, attributes: [], read };
}

/** A gauge without a value has no sample. */
function gauge(
  name: string,
  unit: string,
  description: string,
  measure: (service: QuonfigService) => number | undefined,
): MetricDefinition {
  const read = ({ service }: Observed) => {
    const value = measure(service);
    return value === undefined ? [] : [{ value }];
  };
  return { kind: 'Gauge', name, unit, description, attributes: [], read };
}

function samplesOf(
  name: string,
  counts: Readonly<Record<string, number>>,
  label = (key: string): string => key,
): Sample[] {
  return Object.entries(counts).map(([key, value]) => ({
    value,
    attributes: { [name]: label(key) },
  }));
}

function restartsOf({ restarts }: QuonfigMetrics): Sample[] {
  return (['stream', 'poll'] as const).flatMap((layer) =>
    Object.entries(restarts[layer]).map(([reason, value]) => ({
      value,
      attributes: {
        [attribute.ATTR_QUONFIG_RESTART_LAYER]: layer,
        [attribute.ATTR_QUONFIG_RESTART_REASON]: reason,
      },
    })),
  );
}

const STATES: readonly ConnectionState[] = [
  'initializing',
  'connected',
  'falling_back',
  'disconnected',
];

function statesOf(current: ConnectionState): Sample[] {
  return STATES.map((state) => ({
    value: Number(state === current),
    attributes: { [attribute.ATTR_QUONFIG_CONNECTION_STATE]: state },
  }));
}

/** Local files do not expire, so an alert on age must not fire for them. */
function ageOf(service: QuonfigService): number | undefined {
  const { mode, ageMs } = service.health();
  return mode === 'local' || ageMs === null ? undefined : ageMs / 1000;
}
