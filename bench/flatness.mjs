import { inChild } from './src/child.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** Whether a read costs the same with few and many configs, and with narrow and wide contexts. See README.md. */

/** How much more the largest may cost than the smallest; the rest is the cache's and the machine's. */
const TARGET = 1.5;

const options = commandLine();

if (!options.json) process.stderr.write('measuring …\n');
const lanes = await inChild('./flatness-child.mjs', []);
const only = (/** @type {string} */ what, /** @type {string} */ who) =>
  lanes.filter((lane) => lane.what === what && lane.who === who);

/** @type {string[]} */
const misses = [];

/** @param {string} title @param {string} head @param {string} what @param {string} unit whether growth is a miss */
function show(title, head, what, unit, checked) {
  const ours = only(what, 'quonfig');
  const limits = only(what, 'limit');
  const growth = ours.at(-1).ns / ours[0].ns;
  if (checked && growth > TARGET)
    misses.push(
      `${title}: ${ours.at(-1)[unit]} cost ${growth.toFixed(2)} × what ${ours[0][unit]} cost, the target is ${TARGET} ×`,
    );
  if (options.json) return;
  printTable(
    title,
    [head, 'ns/call', '× first', 'limit ns/call', '× first'],
    ours.map((lane, index) => [
      String(lane[unit]),
      lane.ns.toFixed(1),
      (lane.ns / ours[0].ns).toFixed(2),
      limits[index].ns.toFixed(1),
      (limits[index].ns / limits[0].ns).toFixed(2),
    ]),
  );
}

show('One key, read again and again, among so many configs', 'configs', 'one key', 'size', true);
show(
  'Every key in turn (what grows is what no longer fits the cache)',
  'configs',
  'every key in turn',
  'size',
  false,
);
show('A context of so many properties', 'properties', 'width', 'width', true);
conclude(options, { lanes }, misses);
