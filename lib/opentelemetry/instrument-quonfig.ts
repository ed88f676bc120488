import { type Attributes, metrics, trace } from '@opentelemetry/api';
import { QuonfigError, type QuonfigService } from '../index.js';
import { contextProperty } from './event-attributes.js';
import { EvaluationEvents } from './evaluation-events.js';
import { loggerOf } from './log-api.js';
import type { ReadCounts } from './metric-definitions.js';
import { observeMetrics } from './observe-metrics.js';
import { alreadyInstrumented } from './opentelemetry.messages.js';
import { ATTR_QUONFIG_INSTANCE } from './quonfig-attributes.js';
import { recordRefreshes } from './refresh-spans.js';

/**
 * Options of {@link instrumentQuonfig}.
 *
 * @publicApi
 */
export interface QuonfigInstrumentationOptions {
  /**
   * Whether an evaluation becomes a log record with the name of the event, as the semantic conventions say, an event of the
   * span, or both. Default: `'log'`.
   */
  recordAs?: 'log' | 'spanEvent' | 'both' | undefined;
  /**
   * Whether every evaluation is recorded. Default: `false`, only the first of each key in each span that is recorded. With
   * `true`, log records are also emitted outside of such spans.
   */
  every?: boolean | undefined;
  /** Whether events have the value, unless it is secret. Default: `false`. */
  values?: boolean | undefined;
  /** The property that identifies whom an evaluation was for, e.g. `user.key`. Default: none, events do not have it. */
  contextId?: string | undefined;
  /** Value of the attribute `quonfig.instance`, to distinguish several services. Default: no such attribute. */
  name?: string | undefined;
}

const SCOPE = 'nestjs-quonfig';
const instrumented = new WeakSet<QuonfigService>();

/**
 * Reports a service to the OpenTelemetry SDK of the application: evaluations as events, its state as metrics, and its first
 * load and refreshes as spans. The SDK must have been started before.
 *
 * @param service the service to observe
 * @param options see {@link QuonfigInstrumentationOptions}
 * @returns a function that ends it
 * @throws {QuonfigError} `duplicate_instrumentation`: the service is already instrumented
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule);
 * instrumentQuonfig(app.get(QuonfigService));
 * ```
 *
 * @publicApi
 */
export function instrumentQuonfig(
  service: QuonfigService,
  options: QuonfigInstrumentationOptions = {},
): () => void {
  if (instrumented.has(service)) {
    throw new QuonfigError('duplicate_instrumentation', alreadyInstrumented());
  }
  instrumented.add(service);
  const { sdkVersion } = service.metrics();
  const version = sdkVersion.slice(sdkVersion.indexOf('-') + 1);
  const events = evaluationEvents(options, version);
  const reads: ReadCounts = { STATIC: 0, TARGETING_MATCH: 0, SPLIT: 0, DEFAULT: 0, ERROR: 0 };
  const subscription = service.reads$.subscribe((read) => {
    reads[read.reason]++;
    events.record(read);
  });
  const { name } = options;
  const common: Attributes = name === undefined ? {} : { [ATTR_QUONFIG_INSTANCE]: name };
  const refreshes = recordRefreshes(trace.getTracer(SCOPE, version), service, common);
  const meter = metrics.getMeter(SCOPE, version);
  const stopMetrics = observeMetrics(meter, { service, reads }, common);
  return () => {
    if (subscription.closed) return;
    instrumented.delete(service);
    subscription.unsubscribe();
    refreshes.unsubscribe();
    stopMetrics();
  };
}

function evaluationEvents(
  {
    recordAs = 'log',
    every = false,
    values = false,
    contextId,
    name,
  }: QuonfigInstrumentationOptions,
  version: string,
): EvaluationEvents {
  const settings = {
    asLog: recordAs !== 'spanEvent',
    asSpanEvent: recordAs !== 'log',
    every,
    values,
    contextId: contextId === undefined ? undefined : contextProperty(contextId),
    name,
  };
  return new EvaluationEvents(settings, loggerOf(SCOPE, version));
}
