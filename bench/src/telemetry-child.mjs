import { QuonfigService } from 'nestjs-quonfig';
import { always, config, envelopeOf, logger } from './quonfig-configs.mjs';
import { turn, underTicker } from './ticker.mjs';

/**
 * Writes and hands over a full window: 10,000 keys of all types, 10,000 examples of 20 properties, and 90,000 identities of an hour
 * ago to forget, beside the 10,000 that stay. What it is handed to takes it and does nothing.
 */

const KEYS = 10_000;
const EXAMPLES = 10_000;
const REMEMBERED = 100_000;
const HOUR_MS = 3_600_000;

const many = (/** @type {string} */ word, /** @type {number} */ count) =>
  Array.from({ length: count }, (_, index) => `${word} ${index}`);

/** Texts for the most part; of ten configs one is a JSON document, one a list and one confidential. */
function configAt(/** @type {number} */ index) {
  const [type, stored] =
    index % 10 === 1
      ? ['json', Object.fromEntries(many(`property ${index}`, 100).map((name) => [name, index]))]
      : index % 10 === 2
        ? ['string_list', many(`element ${index}`, 50)]
        : ['string', `value ${index}`];
  const value = { type, value: stored, ...(index % 10 === 3 && { confidential: true }) };
  return config(`key.${index}`, [always(value)], 'config', type);
}

let bytes = 0;
const quonfig = await QuonfigService.create({
  datafile: envelopeOf(Array.from({ length: KEYS }, (_, index) => configAt(index))),
  sdkKey: 'qf_sk_bench',
  telemetryMaxRetainedBytes: 64 * 1_024 * 1_024,
  telemetryFlushIntervalMs: HOUR_MS,
  fetch: (_, init) => {
    bytes = /** @type {Uint8Array} */ (/** @type {RequestInit} */ (init).body).byteLength;
    return Promise.resolve(new Response());
  },
  enableQuonfigUserContext: false,
  logger,
});

let passed = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + passed;

/** @param {number} user */
const contextOf = (user) => ({
  user: Object.fromEntries([
    ['key', `user-${user}`],
    ...Array.from({ length: 19 }, (_, index) => [`property-${index}`, `value ${user} ${index}`]),
  ]),
});

const fill = (/** @type {number} */ first) => {
  for (let index = 0; index < EXAMPLES; index++) {
    quonfig.get(`key.${index % KEYS}`, contextOf(first + index));
  }
};

for (let user = EXAMPLES; user < REMEMBERED; user += EXAMPLES) {
  fill(user);
  await quonfig.flush();
}
passed = HOUR_MS + 60_000;
fill(REMEMBERED);
globalThis.gc();
await turn();
const idle = await underTicker(() => new Promise((resolve) => setTimeout(resolve, 100)));
const { took, longest } = await underTicker(() => quonfig.flush());
await quonfig.close();
process.send({ took, stall: longest, idle: idle.longest, bytes }, () => process.exit(0));
