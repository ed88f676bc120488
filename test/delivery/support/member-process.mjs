// A process, or a thread, with a service that shares its stream. The test asks it for facts.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { QuonfigService } from '../../../dist/index.js';

const options = isMainThread ? JSON.parse(process.env.QUONFIG_TEST_OPTIONS) : workerData;
const send = (message) =>
  isMainThread ? process.send(message) : parentPort.postMessage(message, []);
const logged = [];
const log = (message) => logged.push(message);
const service = await QuonfigService.create({
  ...options,
  logger: { info: log, warn: log, error: log },
});

const acts = {
  facts: () => {
    const { cluster, source } = service.health();
    const state = service.connectionState();
    return { cluster, source, state, greeting: service.getString('greeting'), logged };
  },
  close: () => service.close(),
  end: async () => {
    await service.close();
    setImmediate(() => (isMainThread ? process.disconnect() : parentPort.close()));
  },
};

(isMainThread ? process : parentPort).on('message', async ({ act }) => {
  send({ result: (await acts[act]()) ?? null });
});
send({ result: 'ready' });
