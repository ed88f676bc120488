import { type Attributes, metrics, trace } from '@opentelemetry/api';
import { QuonfigError, type QuonfigService } from '../index.js';
import { ErrorLimit } from './error-limit.js';
import { EvaluationEvents } from './evaluation-events.js';
import { checkedSettings, type QuonfigInstrumentationOptions } from './instrumentation-options.js';
import { loggerOf } from './log-api.js';
import type { ReadCounts } from './metric-definitions.js';
import { observeMetrics } from './observe-metrics.js';
import { alreadyInstrumented } from './opentelemetry.messages.js';
import { ATTR_QUONFIG_INSTANCE } from './quonfig-attributes.js';
import { recordRefreshes } from './refresh-spans.js';

const SCOPE = 'nestjs-quonfig';
const instrumented = new WeakSet<QuonfigService>();

/**
 * Reports a service to the OpenTelemetry SDK of the application: evaluations as events, its state as metrics, and its first
 * load and refreshes as spans. The SDK must have been started before.
 *
 * @param service the service to observe
 * @param options see {@link QuonfigInstrumentationOptions}
 * @returns a function that ends it
 * @throws {InvalidOptionsError} `invalid_options`: no service, or an unusable option
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
  service: QuonfigService<any>,
  options: QuonfigInstrumentationOptions = {},
): () => void {
  const settings = checkedSettings(service, options);
  if (instrumented.has(service)) {
    throw new QuonfigError('duplicate_instrumentation', alreadyInstrumented());
  }
  const { sdkVersion } = service.metrics();
  const version = sdkVersion.slice(sdkVersion.indexOf('-') + 1);
  const events = new EvaluationEvents(settings, loggerOf(SCOPE, version));
  const reads: ReadCounts = { STATIC: 0, TARGETING_MATCH: 0, SPLIT: 0, DEFAULT: 0, ERROR: 0 };
  const { name } = settings;
  const common: Attributes = name === undefined ? {} : { [ATTR_QUONFIG_INSTANCE]: name };
  const tracer = trace.getTracer(SCOPE, version);
  // What may throw comes first: nothing is left behind then, and another attempt is possible.
  const stopMetrics = observeMetrics(metrics.getMeter(SCOPE, version), { service, reads }, common);
  instrumented.add(service);
  const limit = new ErrorLimit();
  const subscription = service.reads$.subscribe((read) => {
    reads[read.reason]++;
    limit.run(() => events.record(read));
  });
  const refreshes = recordRefreshes(tracer, service, common);
  return () => {
    if (subscription.closed) return;
    instrumented.delete(service);
    subscription.unsubscribe();
    refreshes.unsubscribe();
    stopMetrics();
  };
}
