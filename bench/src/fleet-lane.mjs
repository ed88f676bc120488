import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const fileOf = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));

function start(/** @type {string} */ name, /** @type {string[]} */ ...args) {
  const child = fork(fileOf(name), args, { execArgv: ['--expose-gc'] });
  child.on('exit', (code) => {
    if (code) process.exit(1);
  });
  const received = async () => (await once(child, 'message'))[0];
  const ask = (/** @type {object} */ message) => {
    const answer = received();
    child.send(message);
    return answer;
  };
  return { child, received, ask };
}

/** A server of streams and its clients, each in a process of its own: `bare-stream-server` or `relay-server`. */
export async function openLane(/** @type {string} */ name, /** @type {number} */ size) {
  const server = start(name, String(size));
  const { port, bytes } = await server.received();
  const clients = start('stream-clients', String(port));
  await clients.received();
  let connected = 0;
  let number = 1;
  return {
    name,
    bytes,
    /** Opens more streams, until there are so many. */
    async connect(/** @type {number} */ count) {
      await clients.ask({ connect: count - connected, bytes });
      connected = count;
    },
    /** What the server's process holds, in bytes. */
    usage: async () => (await server.ask({ usage: true })).usage,
    /** Pushes a set. Gives how long after its install each client had the last byte (ms), and the server's processor time (s). */
    async push() {
      await clients.ask({ await: bytes });
      const arrived = clients.received();
      const { at } = await server.ask({ push: ++number });
      const { moments } = await arrived;
      const { cpu } = await server.ask({ cpu: true });
      const latencies = moments.map((/** @type {number} */ moment) => moment - at);
      return { latencies, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
    },
    close() {
      clients.child.disconnect();
      server.child.disconnect();
    },
  };
}
