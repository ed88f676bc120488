// Writes one content after the other to a file store: node writer.mjs <path> <kB of each> [<how many>]
import { FileStore } from '../../../build/persistence/file-store.js';

const [path, kilobytes, count = '1e9'] = process.argv.slice(2);
const store = new FileStore(path, 1e9, 'key');

/** A content that shows whether it is complete. */
const content = (/** @type {number} */ number) => {
  const line = `${number}\n`;
  return line.repeat(Math.ceil((Number(kilobytes) * 1_000) / line.length));
};

process.stdout.write('started\n');
for (let number = 1; number <= Number(count); number++) {
  const staged = await store.stage(content(number % 7), 1);
  await staged.commit();
}
