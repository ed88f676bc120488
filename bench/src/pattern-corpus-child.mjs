import { QuonfigService } from 'nestjs-quonfig';
import { readFileSync } from 'node:fs';
import { always, bool, config, envelopeOf, rule, when } from './quonfig-configs.mjs';

/** For each pattern of the corpus: the engine that runs it, its results, and the time of the slowest search. */

/** Collections of garbage and other work on the machine only make a search slower: the fastest round counts. */
const ROUNDS = 3;
/** Ends of hostile strings: what no pattern expects, and what makes most of them match at last. */
const UNEXPECTED = '!\n';

const rows = ['good', 'evil'].flatMap((set) => {
  const file = new URL(`../../test/support/patterns/${set}.tsv`, import.meta.url);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => {
      const [engine, , pattern, ...more] = line.split('\t');
      const [matching, other] = more.slice(-2);
      const pump = more.length === 3 ? more[0] : matching;
      return { set, engine, pattern, matching, other, pump };
    });
});

/** What hostile strings repeat: the evil part, the examples, and each of their characters and pairs of characters. */
function pumpsOf(/** @type {typeof rows[number]} */ { pump, matching, other }) {
  const pumps = new Set([pump, matching, other, 'a', 'é']);
  for (const example of [matching, other]) {
    for (let at = 0; at < example.length; at++) {
      pumps.add(example[at]).add(example.slice(at, at + 2));
    }
  }
  return pumps;
}

function* hostileStrings(/** @type {typeof rows[number]} */ row, /** @type {number} */ length) {
  for (const pump of pumpsOf(row)) {
    const string = pump.repeat(Math.ceil(length / pump.length));
    for (const end of [UNEXPECTED, row.matching]) {
      yield string.slice(0, length - end.length) + end;
    }
  }
}

const keyOf = (/** @type {number} */ index) => `pattern-${index}`;
const datafile = envelopeOf(
  rows.map(({ pattern }, index) =>
    config(keyOf(index), [
      rule(bool(true), when('PROP_MATCHES', 'request.text', 'string', pattern)),
      always(bool(false)),
    ]),
  ),
);
const silent = { warn() {}, error() {} };

/** Makes a service, which compiles every pattern again, and searches. Without `slowest` it only answers. */
async function round(/** @type {number[][] | undefined} */ slowest) {
  const quonfig = await QuonfigService.create({
    datafile,
    enableQuonfigUserContext: false,
    logger: silent,
  });
  const answers = rows.map((row, index) => {
    const key = keyOf(index);
    const traced = quonfig.explain(key).rules[0].criteria[0].pattern;
    const search = (/** @type {string} */ text) => quonfig.get(key, { request: { text } });
    const results = [search(row.matching), search(row.other)];
    if (traced.maxLength !== undefined && slowest !== undefined) {
      const times = (slowest[index] ??= []);
      let at = 0;
      for (const text of hostileStrings(row, traced.maxLength)) {
        const context = { request: { text } };
        const start = process.cpuUsage();
        quonfig.get(key, context);
        const { user, system } = process.cpuUsage(start);
        const took = (user + system) / 1_000;
        times[at] = Math.min(times[at] ?? Infinity, took);
        at++;
      }
    }
    return { ...traced, results };
  });
  await quonfig.close();
  return answers;
}

await round(undefined);
/** @type {number[][]} */
const slowest = [];
let answers;
for (let done = 0; done < ROUNDS; done++) answers = await round(slowest);

process.send(
  rows.map(({ set, pattern, engine }, index) => ({
    set,
    pattern,
    expected: engine,
    ...answers[index],
    ms: Math.max(0, ...(slowest[index] ?? [])),
  })),
  () => process.exit(0),
);
