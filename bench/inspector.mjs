import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { QuonfigModule } from 'nestjs-quonfig';
import { QuonfigInspectorModule } from 'nestjs-quonfig/inspector';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** How long the inspector takes to answer on ten thousand keys. See README.md. */

/** Median of a request over loopback, in ms. */
const MAX_MS = 50;
const KEYS = 10_000;
const ROUNDS = 40;
const QUESTIONS = {
  'first page': 'keys',
  'one word': 'keys?search=service-3',
  'two words, a type': 'keys?search=service-3%20key-99&types=config',
  'no match': 'keys?search=nothing',
  'last page': `keys?offset=${KEYS - 200}&limit=200`,
  'a key': 'key?key=team-3.service-3.key-3',
};

const options = commandLine();
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A flag for some plans, one of many. */
const configOf = (/** @type {number} */ index) => ({
  id: `${index}`,
  key: `team-${index % 40}.service-${index % 7}.key-${index}`,
  type: index % 2 === 0 ? 'config' : 'feature_flag',
  valueType: 'bool',
  default: {
    rules: [
      {
        criteria: [
          {
            operator: 'PROP_IS_ONE_OF',
            propertyName: 'user.plan',
            valueToMatch: { type: 'string_list', value: ['pro', `plan-${index}`] },
          },
        ],
        value: { type: 'bool', value: true },
      },
      { criteria: [], value: { type: 'bool', value: false } },
    ],
  },
});

const datafile = {
  configs: Array.from({ length: KEYS }, (_, index) => configOf(index)),
  meta: { version: 'v1', environment: 'production' },
};
const application = {
  ...QuonfigInspectorModule.register(),
  imports: [QuonfigModule.forRoot({ datafile, logger: silent })],
};
const app = await NestFactory.create(application, { logger: false });
await app.listen(0, '127.0.0.1');
const base = `${await app.getUrl()}/quonfig/api/`;
const contexts = Buffer.from('{"user":{"key":"u-1","plan":"pro"}}').toString('base64url');

async function timeOf(/** @type {string} */ question) {
  const start = performance.now();
  const response = await fetch(base + question, { headers: { 'x-quonfig-contexts': contexts } });
  await response.arrayBuffer();
  return performance.now() - start;
}

/** The application has just started: the index of its keys is not complete yet, and no code has run before. */
const firstMs = await timeOf('keys');
const results = [];
for (const [name, question] of Object.entries(QUESTIONS)) {
  await timeOf(question);
  const times = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await timeOf(question));
  times.sort((one, other) => one - other);
  results.push({ name, median: times[ROUNDS / 2], slowest: times[ROUNDS - 1] });
}
await app.close();

const misses = results
  .filter(({ median }) => median >= MAX_MS)
  .map(({ name, median }) => `${name}: ${median.toFixed(1)} ms, the target is less than ${MAX_MS}`);
if (!options.json)
  printTable(
    `The inspector on ${KEYS} keys`,
    ['request', 'median ms', 'slowest ms'],
    [
      ['first request', firstMs.toFixed(1), ''],
      ...results.map(({ name, median, slowest }) => [name, median.toFixed(1), slowest.toFixed(1)]),
    ],
  );
conclude(options, { firstMs, results }, misses);
