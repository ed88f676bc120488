// Prepares a document, and saves it when it receives a message: node stager.mjs <path> <generation>
import { FileStore } from '../../../build/persistence/file-store.js';

const [path, generation] = process.argv.slice(2);
const staged = await new FileStore(path, 1e6, 'key').stage(
  `generation ${generation}`,
  Number(generation),
);

process.once('message', async () => {
  process.send(staged === undefined ? 'outranked' : await staged.commit());
  process.disconnect();
});
process.send('staged');
