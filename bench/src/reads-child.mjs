import { setTimeout } from 'node:timers/promises';
import { open } from './contender.mjs';
import { bytesPerCall, nanosecondsPerCall, warmUp } from './measure.mjs';
import { WORKLOADS, checkAnswers } from './workloads.mjs';

/**
 * One contender, and `limit` beside it, in one process: `reads-child.mjs <contender> <workload,…> [reused]`. With `reused`,
 * contexts are reused: in the workloads that ask about one decision only it is one object, and in those over many users
 * each is read with eight times in a row, as a request does that asks about several flags.
 * Every workload is checked and warmed before the first is timed, so that each runs in a client that has seen all of
 * them, as in an application. The result goes to the parent process.
 */

const WARM_UP_MS = 120;
const [contender, names, reused] = process.argv.slice(2);
/** Their answer does not depend on the user. */
const SAME_FOR_ALL = ['W1', 'W2', 'W5'];
const FOR_EACH_USER = ['W3', 'W4'];
const READS_IN_A_ROW = 8;

/** @param {unknown[]} items @returns {any[]} */
const eachInARow = (items) => items.flatMap((item) => Array(READS_IN_A_ROW).fill(item));

/** @param {import('./workloads.mjs').Workload} workload */
function withReuse(workload) {
  if (!reused || !FOR_EACH_USER.includes(workload.name)) return workload;
  const { keys, users, expected } = workload;
  return {
    ...workload,
    keys: eachInARow(keys),
    users: eachInARow(users),
    expected: expected && eachInARow(expected),
  };
}

/** @typedef {import('./contender.mjs').Contender} Contender */

/** @param {string} name @param {Contender} client @param {import('./workloads.mjs').Workload} workload */
async function lane(name, client, workload) {
  const loop = await import(`./loop.mjs?${name}-${workload.name}`);
  const { keys, users, kind, fresh, probes } = workload;
  const read = client[kind];
  const { context } = client;
  // Every user becomes one context, however many calls are made with it.
  const contextOf = new Map([...new Set(users)].map((user) => [user, context(user)]));
  /** @type {unknown[]} */
  const answers = keys.map(() => undefined);
  const inputs = {
    keys,
    users,
    context,
    contexts: users.map((user) =>
      contextOf.get(reused && SAME_FOR_ALL.includes(workload.name) ? users[0] : user),
    ),
    answers,
  };
  const calls = client.awaits
    ? fresh
      ? loop.callFreshAwaited
      : loop.callAwaited
    : fresh
      ? loop.callFresh
      : loop.call;

  for (const { user, expected } of probes) {
    const answer = await read(keys[0], context(user));
    if (answer !== expected)
      throw new Error(`${name} ${workload.name}: ${JSON.stringify(user)} answered ${answer}`);
  }
  await calls(read, inputs, 0, keys.length);
  checkAnswers(name, workload, answers);
  const expected = [...answers];

  let at = 0;
  return {
    answers,
    check: (/** @type {unknown[]} */ right = expected) =>
      checkAnswers(name, workload, answers, right),
    run: client.awaits
      ? async (/** @type {number} */ count) => {
          at = await calls(read, inputs, at, count);
        }
      : (/** @type {number} */ count) => {
          at = calls(read, inputs, at, count);
        },
    own: (/** @type {number} */ count) => {
      if (fresh) loop.makeFresh(inputs, 0, count);
    },
  };
}

const client = await open(contender);
const limit = await open('limit');
const chosen = WORKLOADS.filter((workload) => names.split(',').includes(workload.name)).map(
  withReuse,
);

const pairs = [];
for (const workload of chosen) {
  const ours = await lane(contender, client, workload);
  const theirs = await lane('limit', limit, workload);
  if (client.splitsLikeLimit) ours.check(theirs.answers);
  pairs.push({ workload, lanes: [ours, theirs] });
}
for (let pass = 0; pass < 2; pass++)
  for (const { lanes } of pairs) for (const { run } of lanes) await warmUp(run, WARM_UP_MS);

/** @type {Record<string, { ns: number, bytes: number, limit: { ns: number, bytes: number } }>} */
const results = {};
for (const { workload, lanes } of pairs) {
  for (const { run } of lanes) await warmUp(run, WARM_UP_MS / 4);
  const [ns, limitNs] = await nanosecondsPerCall(
    lanes.map(({ run }) => run),
    (index) => lanes[index].check(),
  );
  const [bytes, limitBytes] = [
    await bytesPerCall(lanes[0].run, lanes[0].own),
    await bytesPerCall(lanes[1].run, lanes[1].own),
  ];
  results[workload.name] = { ns, bytes, limit: { ns: limitNs, bytes: limitBytes } };
}
// Telemetry that is on sends its report now; a client that does not end is not waited for.
await Promise.race([client.close(), setTimeout(2_000)]);
process.send({ name: contender, version: client.version, results }, () => process.exit(0));
