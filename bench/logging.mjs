import { inChild } from './src/child.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** What a message costs that is not logged. See README.md. */

/** A disabled message: its time in ns, and its heap bytes (the rest of the loop and of the clock takes some). */
const MAX_NS = 100;
const MAX_BYTES = 1;

const options = commandLine();

if (!options.json) process.stderr.write('measuring …\n');
const flags = ['--max-semi-space-size=64', '--min-semi-space-size=64'];
const lanes = await inChild('./logging-child.mjs', [], flags);
const [bare] = lanes;
const ours = lanes.filter(({ name }) => name !== bare.name && !name.startsWith('new Logger'));

const misses = ours.flatMap(({ name, ns, bytes }) => [
  ...(ns < MAX_NS ? [] : [`${name}: ${ns.toFixed(1)} ns, the target is less than ${MAX_NS}`]),
  ...(bytes < MAX_BYTES ? [] : [`${name}: ${bytes.toFixed(1)} bytes, the target is none`]),
]);

if (!options.json)
  printTable(
    'A debug message that is not logged',
    ['rules', 'ns/message', '× bare', 'bytes'],
    lanes.map(({ name, ns, bytes }) => [
      name,
      ns.toFixed(1),
      (ns / bare.ns).toFixed(1),
      bytes.toFixed(1),
    ]),
  );
conclude(options, { lanes }, misses);
