import { context, logs, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { QuonfigService } from 'nestjs-quonfig';
import { instrumentQuonfig } from 'nestjs-quonfig/opentelemetry';
import { RULES_FLAG } from './flags.mjs';
import { bytesPerCall, nanosecondsPerCall, warmUp } from './measure.mjs';
import { envelopeOf, logger, rulesFlag } from './quonfig-configs.mjs';

/** One read in each situation, in one process and in turns. The SDK exports nothing. */

const WARM_UP_MS = 250;
const KEYS = [RULES_FLAG];
const CONTEXT = JSON.parse(
  '{"user":{"key":"user-1","email":"a@mail.example.net","plan":"free","country":"DE","age":30}}',
);

let records = 0;
const counting = {
  onEmit: () => void records++,
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [counting] }));
metrics.setGlobalMeterProvider(new MeterProvider());
const recording = new TracerProvider().getTracer('bench').startSpan('request');
const sampledOut = new TracerProvider({ sampler: new AlwaysOffSampler() })
  .getTracer('bench')
  .startSpan('request');

/** @param {import('nestjs-quonfig/opentelemetry').QuonfigInstrumentationOptions} [options] none: not instrumented */
async function service(options) {
  const quonfig = await QuonfigService.create({
    datafile: envelopeOf([rulesFlag(RULES_FLAG)]),
    enableQuonfigUserContext: false,
    logger,
  });
  if (options) instrumentQuonfig(quonfig, options);
  return quonfig;
}

const plain = await service();
const instrumented = await service({});
const every = await service({ every: true });

/** @type {[name: string, quonfig: any, span: any][]} */
const situations = [
  ['not instrumented', plain, undefined],
  ['no span', instrumented, undefined],
  ['span that is not recorded', instrumented, sampledOut],
  ['recorded span, key known', instrumented, recording],
  ['recorded span, an event', every, recording],
];

const lanes = [];
for (const [name, quonfig, span] of situations) {
  const loop = await import(`./loop.mjs?opentelemetry-${lanes.length}`);
  const read = (/** @type {string} */ key, /** @type {any} */ contexts) =>
    quonfig.get(key, contexts);
  const inputs = { keys: KEYS, contexts: [CONTEXT], answers: [undefined] };
  const active = span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  const run = (/** @type {number} */ count) =>
    context.with(active, () => loop.call(read, inputs, 0, count));
  lanes.push({ name, run, inputs });
}

for (const { name, run, inputs } of lanes) {
  const before = records;
  run(10);
  if (inputs.answers[0] !== true) throw new Error(`${name}: answered ${inputs.answers[0]}`);
  const expected = { 'recorded span, key known': 1, 'recorded span, an event': 10 }[name] ?? 0;
  if (records - before !== expected) throw new Error(`${name}: ${records - before} records`);
}
for (let pass = 0; pass < 2; pass++) for (const { run } of lanes) await warmUp(run, WARM_UP_MS);
const times = await nanosecondsPerCall(lanes.map(({ run }) => run));
const result = [];
for (const [index, { name, run }] of lanes.entries()) {
  result.push({ name, ns: times[index], bytes: await bytesPerCall(run) });
}
for (const each of [plain, instrumented, every]) await each.close();
process.send(result, () => process.exit(0));
