import { inChild } from './src/child.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** What a pattern costs in the package's linear-time engine and in the platform's. See README.md. */

/** What a search may take at most (ms). */
const TARGET_MS = 10;

/** How much the time of one character may grow from the shortest hostile text to the longest. */
const TARGET_GROWTH = 2;

const options = commandLine();

if (!options.json) process.stderr.write('measuring …\n');
const result = await inChild('./patterns-child.mjs', []);
const { ordinary, hostile, hostilePlatform, pattern } = result;
const corpus = await inChild('./pattern-corpus-child.mjs', []);

const perCharacter = (/** @type {{ length: number, ms: number }} */ { length, ms }) =>
  (ms * 1e6) / length;
const growth = perCharacter(hostile.at(-1)) / perCharacter(hostile[0]);
/** @type {string[]} */
const misses =
  growth > TARGET_GROWTH
    ? [
        `a character of the longest hostile text costs ${growth.toFixed(1)} × one of the shortest, the target is ${TARGET_GROWTH} ×`,
      ]
    : [];

for (const each of corpus) {
  const about = `${each.set} pattern ${each.pattern}`;
  if (each.engine !== each.expected)
    misses.push(`${about} runs on ${each.engine}, expected is ${each.expected}`);
  if (!answersRight(each)) misses.push(`${about}: wrong result ${each.results.join(', ')}`);
  if (each.ms > TARGET_MS)
    misses.push(`${about}: ${each.ms.toFixed(1)} ms for a search, the target is ${TARGET_MS} ms`);
}

/** One string has a match and the other has none; without an engine neither has. */
function answersRight(/** @type {{ engine: string, results: boolean[] }} */ { engine, results }) {
  return results[0] === (engine !== 'none') && !results[1];
}

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
  printTable(
    'The corpus: the slowest search of a hostile string of the greatest length',
    ['pattern', 'set', 'engine', 'characters', 'result', 'ms'],
    corpus.map((each) => [
      each.pattern,
      each.set,
      each.engine,
      String(each.maxLength ?? '-'),
      answersRight(each) ? (each.engine === 'none' ? 'not run' : 'right') : 'wrong',
      each.engine === 'none' ? '-' : each.ms.toFixed(2),
    ]),
  );
  const slowest = corpus.reduce((most, each) => Math.max(most, each.ms), 0);
  const count = (/** @type {string} */ set, /** @type {string} */ engine) =>
    corpus.filter((each) => each.set === set && each.engine === engine).length;
  for (const set of ['good', 'evil']) {
    const counts = ['linear', 'RegExp', 'none'].map((engine) => `${engine} ${count(set, engine)}`);
    console.log(`${set}: ${counts.join(', ')}`);
  }
  console.log(`slowest search: ${slowest.toFixed(2)} ms`);
}
conclude(options, { ...result, corpus }, misses);
