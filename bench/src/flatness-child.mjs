import { QuonfigService } from 'nestjs-quonfig';
import { decisions } from '../contenders/limit.mjs';
import { RULES_FLAG } from './flags.mjs';
import { nanosecondsPerCall, warmUp } from './measure.mjs';
import { envelopeOf, logger, plansFlag, rulesFlag } from './quonfig-configs.mjs';

/** Reads with few and many configs, narrow and wide contexts; each beside the same decision by hand. */

const WARM_UP_MS = 150;
const SIZES = [10, 1_000, 100_000];
const WIDTHS = [5, 50, 500];
const PLANS = ['free', 'trial', 'starter'];

/** A context as it arrives with a request: parsed from text, the properties that rules ask for among the last. */
function contextOf(/** @type {number} */ width) {
  const asked = {
    key: 'user-00000001',
    email: 'a@mail.example.net',
    plan: 'free',
    country: 'DE',
    age: 30,
  };
  const others = Array.from({ length: width - Object.keys(asked).length }, (_, index) => [
    `property${index}`,
    `value ${index}`,
  ]);
  return JSON.parse(JSON.stringify({ user: { ...Object.fromEntries(others), ...asked } }));
}

/** What is measured takes its turns with everything else. */
const lanes = [];

/** @param {object} label @param {(key: string, context: any) => unknown} read @param {string[]} keys @param {any} context */
async function lane(label, read, keys, context) {
  const loop = await import(`./loop.mjs?flatness-${lanes.length}`);
  const inputs = {
    keys,
    contexts: keys.map(() => context),
    answers: /** @type {unknown[]} */ (keys.map(() => undefined)),
  };
  let at = 0;
  lanes.push({
    label,
    answers: inputs.answers,
    run: (/** @type {number} */ count) => {
      at = loop.call(read, inputs, at, count);
    },
  });
}

const literal = (/** @type {string} */ key) => Object.keys({ [key]: 0 })[0];

const byRules = decisions().get(RULES_FLAG);
const narrow = contextOf(WIDTHS[0]);
const services = [];

for (const size of SIZES) {
  const keys = Array.from({ length: size - 1 }, (_, index) =>
    literal(`team-${index % 40}.flag-${index}`),
  );
  const quonfig = await QuonfigService.create({
    datafile: envelopeOf([rulesFlag(RULES_FLAG), ...keys.map((key) => plansFlag(key, PLANS))]),
    enableQuonfigUserContext: false,
    logger,
  });
  services.push(quonfig);
  const [first, second, third] = PLANS;
  const byHand = new Map([
    [RULES_FLAG, byRules],
    ...keys.map((key) => [
      key,
      ({ user: { plan } }) => plan === first || plan === second || plan === third,
    ]),
  ]);
  const get = (/** @type {string} */ key, /** @type {any} */ context) => quonfig.get(key, context);
  const limit = (/** @type {string} */ key, /** @type {any} */ context) => byHand.get(key)(context);
  for (const [who, read] of [
    ['quonfig', get],
    ['limit', limit],
  ]) {
    await lane({ who, what: 'one key', size }, read, [RULES_FLAG], narrow);
    await lane({ who, what: 'every key in turn', size }, read, keys, narrow);
  }
}

const [few] = services;
for (const width of WIDTHS) {
  const context = contextOf(width);
  const get = (/** @type {string} */ key, /** @type {any} */ from) => few.get(key, from);
  const limit = (/** @type {string} */ key, /** @type {any} */ from) => byRules(from);
  for (const [who, read] of [
    ['quonfig', get],
    ['limit', limit],
  ])
    await lane({ who, what: 'width', width }, read, [RULES_FLAG], context);
}

for (const { run, answers, label } of lanes) {
  run(answers.length);
  if (answers.some((answer) => answer !== true))
    throw new Error(`${JSON.stringify(label)} answered false`);
}
for (let pass = 0; pass < 2; pass++) for (const { run } of lanes) await warmUp(run, WARM_UP_MS);
const times = await nanosecondsPerCall(lanes.map(({ run }) => run));
for (const service of services) await service.close();
process.send(
  lanes.map(({ label }, index) => ({ ...label, ns: times[index] })),
  () => process.exit(0),
);
