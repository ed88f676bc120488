import { context, logs, metrics, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { type MetricData, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { onTestFinished } from 'vitest';

/** Collects only when a test asks for it. */
class ManualReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

export interface SdkOptions {
  /** Whether spans are recorded. Default: true. */
  readonly sampled?: boolean;
  /** Sees each log record before the exporter does. */
  readonly processor?: LogRecordProcessor;
}

/** The SDK of an application, with exporters that keep everything in memory. Registered until the test ends. */
export class Sdk {
  private readonly spanExporter = new InMemorySpanExporter();
  private readonly logExporter = new InMemoryLogRecordExporter();
  private readonly reader = new ManualReader();

  static start(options: SdkOptions = {}): Sdk {
    return new Sdk(options);
  }

  private constructor({ sampled = true, processor }: SdkOptions) {
    const exporting = new SimpleLogRecordProcessor({ exporter: this.logExporter });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(
      new TracerProvider({
        sampler: sampled ? new AlwaysOnSampler() : new AlwaysOffSampler(),
        spanProcessors: [new SimpleSpanProcessor({ exporter: this.spanExporter })],
      }),
    );
    logs.setGlobalLoggerProvider(
      new LoggerProvider({ processors: processor ? [processor, exporting] : [exporting] }),
    );
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [this.reader] }));
    onTestFinished(() => {
      for (const api of [context, trace, logs, metrics]) api.disable();
    });
  }

  /** Runs a function in a span of its own. */
  inSpan<T>(name: string, run: (span: Span) => T): T {
    return trace.getTracer('test').startActiveSpan(name, (span) => {
      try {
        return run(span);
      } finally {
        span.end();
      }
    });
  }

  get spans(): ReadableSpan[] {
    return this.spanExporter.getFinishedSpans();
  }

  spanNamed(name: string): ReadableSpan {
    const found = this.spans.find((span) => span.name === name);
    if (found === undefined) throw new Error(`No span is named ${name}.`);
    return found;
  }

  get logRecords(): ReadableLogRecord[] {
    return this.logExporter.getFinishedLogRecords();
  }

  /** The keys of the flags in the log records, in order. */
  get loggedKeys(): unknown[] {
    return this.logRecords.map(({ attributes }) => attributes['feature_flag.key']);
  }

  async metrics(): Promise<MetricData[]> {
    const { resourceMetrics, errors } = await this.reader.collect();
    if (errors.length > 0) throw new AggregateError(errors);
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  }

  /** The values of a metric, by its attributes as JSON. */
  async values(name: string): Promise<Record<string, unknown>> {
    const metric = (await this.metrics()).find(({ descriptor }) => descriptor.name === name);
    const points = metric?.dataPoints ?? [];
    return Object.fromEntries(
      points.map(({ attributes, value }) => [
        Object.values(attributes).map(String).join(' '),
        value,
      ]),
    );
  }
}
