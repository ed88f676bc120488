import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, pack, workspaceFiles } from '../consumer.js';

interface Line {
  readonly sdk: string;
  readonly packages: readonly string[];
  /** How this line of the SDK is set up. `modules` has its packages by name. */
  readonly setup: string;
}

const sdk2 = `
const { context, metrics, trace } = modules.api;
const { logs } = modules['api-logs'];
const { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } = modules['sdk-logs'];
const exporter = new InMemoryLogRecordExporter();
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = modules['sdk-trace-base'];
const spans = new InMemorySpanExporter();
const spanProcessor = new SimpleSpanProcessor(spans);
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [spanProcessor] }));
logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));
`;

const sdk3 = `
const { context, logs, metrics, trace } = modules.api;
const { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } = modules['sdk-logs'];
const exporter = new InMemoryLogRecordExporter();
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = modules['sdk-trace'];
const spans = new InMemorySpanExporter();
const spanProcessor = new SimpleSpanProcessor({ exporter: spans });
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [spanProcessor] }));
logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));
`;

const common = ['context-async-hooks', 'sdk-logs', 'sdk-metrics'];

const lines: readonly Line[] = [
  {
    sdk: 'SDK 2, with @opentelemetry/api-logs',
    packages: [
      'api@1.9',
      'api-logs@0.223.1',
      'sdk-logs@0.223.1',
      'sdk-trace-base@2.12.1',
      'sdk-metrics@2.12.1',
      'context-async-hooks@2.12.1',
    ],
    setup: sdk2,
  },
  {
    sdk: 'SDK 3, with the logs of @opentelemetry/api',
    packages: ['api@1.10', 'sdk-trace@3.1.1', ...common.map((name) => `${name}@3.1.1`)],
    setup: sdk3,
  },
];

/** Reads a flag in a span, and prints what the SDK received. */
const program = (setup: string): string => `
async function main(modules, { QuonfigService }, { instrumentQuonfig }) {
  const { AsyncLocalStorageContextManager } = modules['context-async-hooks'];
  const { MeterProvider, MetricReader } = modules['sdk-metrics'];
  ${setup}
  class Reader extends MetricReader {
    async onShutdown() {}
    async onForceFlush() {}
  }
  const reader = new Reader();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const options = { datadir: './workspace', environment: 'production' };
  const service = await QuonfigService.create({ ...options, logger: { warn() {}, error: console.log } });
  instrumentQuonfig(service, { values: true });
  trace.getTracer('program').startActiveSpan('request', (span) => {
    service.get('greeting', { user: { key: 'anna' } });
    service.get('greeting');
    const [record, ...others] = exporter.getFinishedLogRecords();
    const inSpan = record.spanContext.spanId === span.spanContext().spanId;
    console.log('Hello ' + record.eventName + ' ' + inSpan + ' ' + others.length);
    console.log(record.attributes['feature_flag.result.value']);
    span.end();
  });
  const { resourceMetrics } = await reader.collect();
  const reads = resourceMetrics.scopeMetrics[0].metrics.find(({ descriptor }) => descriptor.name === 'quonfig.reads');
  console.log('Hello ' + spans.getFinishedSpans().map(({ name }) => name).join());
  console.log('Hello ' + reads.dataPoints.reduce((sum, { value }) => sum + value, 0));
  await service.close();
}
`;

const namesOf = ({ packages }: Line): string[] =>
  packages.map((each) => each.slice(0, each.lastIndexOf('@')));

const asModule = (line: Line): string => `
${namesOf(line)
  .map((name, index) => `import * as module${index} from '@opentelemetry/${name}';`)
  .join('\n')}
import * as quonfig from 'nestjs-quonfig';
import * as instrumentation from 'nestjs-quonfig/opentelemetry';
${program(line.setup)}
await main({ ${namesOf(line)
  .map((name, index) => `'${name}': module${index}`)
  .join(', ')} }, quonfig, instrumentation);
`;

const asCommonJs = (line: Line): string => `
${program(line.setup)}
const modules = Object.fromEntries(
  ${JSON.stringify(namesOf(line))}.map((name) => [name, require('@opentelemetry/' + name)]),
);
void main(modules, require('nestjs-quonfig'), require('nestjs-quonfig/opentelemetry'));
`;

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  tarball = await pack(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(lines)('the tarball with $sdk', (line) => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await Consumer.create({
      ...workspaceFiles,
      'main.mjs': asModule(line),
      'main.cjs': asCommonJs(line),
    });
    const nest = ['@nestjs/common@12', '@nestjs/core@12', 'reflect-metadata@0.2', 'rxjs@7'];
    const packages = line.packages.map((each) => `@opentelemetry/${each}`);
    await consumer.install([tarball, ...nest, ...packages]);
  });

  afterAll(() => consumer.remove());

  it.each(['main.mjs', 'main.cjs'])('events, spans and metrics arrive in %s', async (script) => {
    expect(await consumer.greetings(script)).toEqual([
      'Hello feature_flag.evaluation true 0',
      'Hello Anna',
      'Hello quonfig.load,request',
      'Hello 2',
    ]);
  });
});
