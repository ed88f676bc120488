// Saves configs of one generation after the other to a file: node saver.mjs <path> <generation> …
import { Persistence } from '../../../dist/persistence/index.js';

const [path, ...generations] = process.argv.slice(2);
const settings = {
  store: path,
  key: 'key',
  place: path,
  owner: 'owner',
  maxAge: undefined,
  preferCache: false,
  encryptionKey: undefined,
  maxBytes: 1e6,
};
const logger = { debug: fail, info: fail, warn: fail };

/** @param {string} message */
function fail(message) {
  throw new Error(message);
}

for (const generation of generations.map(Number)) {
  const persistence = new Persistence(settings, logger);
  const meta = { version: `v${generation}`, environment: 'production', generation };
  persistence.save(() => ({ configs: [], meta, refreshedAt: new Date() }));
  await persistence.close();
}
