// A cluster whose workers share the stream of the primary. The test asks the primary, which asks the workers.
import cluster from 'node:cluster';
import { QuonfigService, startQuonfigPrimary } from '../../../dist/index.js';

const options = {
  ...JSON.parse(process.env.QUONFIG_TEST_OPTIONS),
  logger: { warn() {}, error() {} },
};

async function startService() {
  if (cluster.isPrimary) return startQuonfigPrimary(options);
  const started = performance.now();
  const service = await QuonfigService.create({ ...options, cluster: 'shared' });
  process.send({ bootMs: performance.now() - started });
  return service;
}

const withoutPrimary = cluster.isPrimary && process.env.QUONFIG_TEST_LATE_PRIMARY === 'true';
let service = withoutPrimary ? undefined : await startService();
const workers = [];
const acts = {
  facts: () => {
    const { cluster: role, source, installs } = service.health();
    const state = service.connectionState();
    return { cluster: role, source, state, installs, greeting: service.getString('greeting') };
  },
  fork: async (count) => {
    const forked = Array.from({ length: count }, () => cluster.fork());
    workers.push(...forked);
    await Promise.all(
      forked.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
    );
  },
  startPrimary: async () => {
    service = await startService();
  },
  closePrimary: () => service.close(),
  workers: () => Promise.all(workers.map((worker) => ask(worker, 'facts'))),
  killWorker: async () => {
    const worker = workers.shift();
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.process.kill('SIGKILL');
    await gone;
  },
  end: async () => {
    await Promise.all(workers.map(end));
    await service.close();
    setImmediate(() => process.disconnect());
  },
  endWorker: async () => {
    await service.close();
    setImmediate(() => process.disconnect());
  },
};

function ask(worker, act) {
  return new Promise((resolve) => {
    worker.once('message', ({ result }) => resolve(result));
    worker.send({ act });
  });
}

async function end(worker) {
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  worker.send({ act: 'endWorker' });
  await gone;
}

process.on('message', async ({ act, argument }) => {
  const result = (await acts[act](argument)) ?? null;
  if (process.connected) process.send({ result });
});
if (cluster.isPrimary) process.send({ result: 'ready' });
