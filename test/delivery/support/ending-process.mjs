// A process that performs one act with a service and must then exit by itself.
import { QuonfigService } from '../../../dist/index.js';

const [act] = process.argv.slice(2);
const silent = () => undefined;
const options = {
  ...JSON.parse(process.env.QUONFIG_TEST_OPTIONS),
  logger: { info: silent, warn: silent, error: silent },
};

async function connected(service) {
  while (service.connectionState() !== 'connected') {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const acts = {
  /** Connects and closes. */
  close: async () => {
    const service = await QuonfigService.create(options);
    await connected(service);
    await service.close();
    return service.connectionState();
  },
  /** Connects and suspends without closing. */
  suspend: async () => {
    const service = await QuonfigService.create(options);
    await connected(service);
    service.suspend();
    return service.connectionState();
  },
  /** Fails to start. */
  fail: async () => {
    const error = await QuonfigService.create(options).catch((reason) => reason);
    return error.code;
  },
  /** Starts without configs and closes. */
  defaults: async () => {
    const service = await QuonfigService.create({ ...options, onInitFailure: 'return-defaults' });
    const state = service.connectionState();
    await service.close();
    return state;
  },
};

process.stdout.write(await acts[act]());
