// Saves configs of one generation after the other to a file: node saver.mjs <path> <generation> …
import { setTimeout } from 'node:timers/promises';
import { FileStore } from '../../../build/persistence/file-store.js';
import { Persistence } from '../../../build/persistence/index.js';

const [path, ...generations] = process.argv.slice(2);

// Any time may pass between the check of what is saved and the replacement.
const stage = Object.getOwnPropertyDescriptor(FileStore.prototype, 'stage').value;
FileStore.prototype.stage = async function (...args) {
  const staged = await stage.apply(this, args);
  const commit = async () => {
    await setTimeout(Math.random() * 4);
    return staged.commit();
  };
  return staged && { ...staged, commit };
};

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
