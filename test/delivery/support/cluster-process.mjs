// A cluster process with a service. The test sends commands to the primary, and the primary to the worker.
import cluster from 'node:cluster';
import { QuonfigService } from '../../../dist/index.js';

const logged = [];
const log = (message) => logged.push(message);
const service = await QuonfigService.create({
  ...JSON.parse(process.env.QUONFIG_TEST_OPTIONS),
  logger: { info: log, warn: log, error: log },
});

let worker;
const acts = {
  facts: () => ({
    state: service.connectionState(),
    greeting: service.getString('greeting'),
    logged,
  }),
  fork: async () => {
    worker = cluster.fork();
    await new Promise((resolve) => worker.once('message', resolve));
  },
  worker: (act) => ask(worker, act),
  resume: () => service.resume(),
  end: async () => {
    if (worker !== undefined) {
      const gone = new Promise((resolve) => worker.once('exit', resolve));
      await ask(worker, 'end');
      await gone;
    }
    await service.close();
    // Without the last channel, nothing must keep the process alive.
    setImmediate(() => process.disconnect());
  },
};

function ask(target, act) {
  return new Promise((resolve) => {
    target.once('message', ({ result }) => resolve(result));
    target.send({ act });
  });
}

process.on('message', async ({ act, argument }) => {
  process.send({ result: (await acts[act](argument)) ?? null });
});
process.send({ result: 'ready' });
