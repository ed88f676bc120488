import { inChild } from './src/child.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** What a pattern costs in the package's linear-time engine and in the platform's. See README.md. */

/** How much the time of one character may grow from the shortest hostile text to the longest. */
const TARGET_GROWTH = 2;

const options = commandLine();

if (!options.json) process.stderr.write('measuring …\n');
const result = await inChild('./patterns-child.mjs', []);
const { ordinary, hostile, hostilePlatform, pattern } = result;

const perCharacter = (/** @type {{ length: number, ms: number }} */ { length, ms }) =>
  (ms * 1e6) / length;
const growth = perCharacter(hostile.at(-1)) / perCharacter(hostile[0]);
const misses =
  growth > TARGET_GROWTH
    ? [
        `a character of the longest hostile text costs ${growth.toFixed(1)} × one of the shortest, the target is ${TARGET_GROWTH} ×`,
      ]
    : [];

if (!options.json) {
  printTable(
    'Ordinary patterns, ns for one text (half of the texts match)',
    ['', 'pattern', 'RegExp', 're2js', '×', 'a read of a flag with it'],
    ordinary.map((each) => [
      each.name,
      each.pattern,
      each.platform.toFixed(0),
      each.re2js.toFixed(0),
      (each.re2js / each.platform).toFixed(1),
      each.read.toFixed(0),
    ]),
  );
  printTable(
    `A hostile text against ${pattern}, in RegExp and in a read`,
    ['characters', 'RegExp ms', 'read ms'],
    hostilePlatform.map(({ length, ms, readMs }) => [
      String(length),
      ms.toFixed(3),
      readMs.toFixed(3),
    ]),
  );
  printTable(
    'Longer hostile texts, in a read',
    ['characters', 'read ms', 'ns a character'],
    hostile.map((each) => [String(each.length), each.ms.toFixed(2), perCharacter(each).toFixed(0)]),
  );
}
conclude(options, result, misses);
