import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('./delivery-server.mjs', import.meta.url));

/** Starts a delivery server in a process of its own. It ends with this one. */
export async function startServer(/** @type {string} */ protocol, /** @type {number} */ size) {
  const child = fork(FILE, [protocol, String(size)], { execArgv: [] });
  const [{ port, bytes }] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    /** Length of a set as it is written to a stream. */
    bytes,
    /** Gives when the set was written (ns), and to how many streams. */
    async push(/** @type {number} */ number) {
      child.send({ push: number });
      const [{ at, streams }] = await once(child, 'message');
      return { at: BigInt(at), streams };
    },
    setDown: (/** @type {boolean} */ down) => child.send({ down }),
    close: () => child.disconnect(),
  };
}

/** Options of ours that follow such a server, without telemetry: the peers send none. */
export const following = (/** @type {string} */ url) => ({
  sdkKey: 'qf_sk_bench_0123456789',
  apiUrls: [url],
  streamUrl: url,
  collectEvaluationSummaries: false,
  contextUploadMode: 'none',
  enableQuonfigUserContext: false,
  // The one address is meant, and so is whatever a server does that is down.
  logger: { warn() {}, error: (/** @type {string} */ message) => console.error(message) },
});
