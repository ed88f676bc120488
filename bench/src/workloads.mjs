import * as spec from './flags.mjs';

/**
 * @typedef {{ key: string, email: string, plan: string, country: string, age: number }} User
 *
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title
 * @property {'bool' | 'string'} kind what the flag answers
 * @property {boolean} fresh whether each call makes a context object of its own
 * @property {string[]} keys the flag of each input
 * @property {User[]} users the user of each input, as many as keys
 * @property {(boolean | string)[] | undefined} expected the answer to each input; none for the split, whose buckets
 *   are each contender's own
 * @property {{ user: User, expected: boolean | string }[]} probes answers checked but not timed
 */

const USER_COUNT = 1_000;

/** Users as an application gets them: parsed from text, so that no string is a literal of the program. */
const users = /** @type {User[]} */ (
  JSON.parse(
    JSON.stringify(
      Array.from({ length: USER_COUNT }, (_, index) => ({
        key: `user-${String(index * 7919).padStart(8, '0')}`,
        email: `person.${index}@mail-${index % 17}.example.net`,
        plan: 'free',
        country: spec.COUNTRIES[index % spec.COUNTRIES.length],
        age: 19 + (index % 60),
      })),
    ),
  )
);

/** W4's segment: every second user, and as many keys again that belong to nobody here. */
export const MEMBERS = users.flatMap((user, index) =>
  index % 2 === 0 ? [user.key, `guest-${index}`] : [],
);

/** Flag keys as an application writes them: string literals, which the engine keeps once. */
const literal = (/** @type {string} */ key) => Object.keys({ [key]: 0 })[0];

const same = (/** @type {string} */ key) => Array(USER_COUNT).fill(literal(key));

const someone = users[0];
const rulesProbes = [
  { user: { ...someone, plan: 'team', country: 'US' }, expected: true },
  { user: { ...someone, email: `a${spec.STAFF_DOMAINS[2]}`, country: 'US' }, expected: true },
  { user: { ...someone, country: 'US' }, expected: false },
  { user: { ...someone, age: spec.ADULT_AGE }, expected: false },
];

/** A fixed shuffle: neighbours in memory are not neighbours in time. */
function shuffled(/** @type {number} */ length) {
  const order = Array.from({ length }, (_, index) => index);
  let seed = 42;
  for (let index = length - 1; index > 0; index--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((seed / 2 ** 32) * (index + 1));
    [order[index], order[other]] = [order[other], order[index]];
  }
  return order;
}

const mixedOrder = shuffled(spec.MIXED_FLAGS.length);

/** @type {Workload[]} */
export const WORKLOADS = [
  {
    name: 'W1',
    title: 'static boolean',
    kind: 'bool',
    fresh: false,
    keys: same(spec.STATIC_FLAG),
    users,
    expected: users.map(() => true),
    probes: [],
  },
  {
    name: 'W2',
    title: 'three rules, the third matches',
    kind: 'bool',
    fresh: false,
    keys: same(spec.RULES_FLAG),
    users,
    expected: users.map(() => true),
    probes: rulesProbes,
  },
  {
    name: 'W2c',
    title: 'three rules, a fresh context for each call',
    kind: 'bool',
    fresh: true,
    keys: same(spec.RULES_FLAG),
    users,
    expected: users.map(() => true),
    probes: rulesProbes,
  },
  {
    name: 'W3',
    title: 'four weights over 1,000 keys',
    kind: 'string',
    fresh: false,
    keys: same(spec.SPLIT_FLAG),
    users,
    expected: undefined,
    probes: [],
  },
  {
    name: 'W4',
    title: 'segment of 1,000 keys, half of the users are members',
    kind: 'bool',
    fresh: false,
    keys: same(spec.SEGMENT_FLAG),
    users,
    expected: users.map((_, index) => index % 2 === 0),
    probes: [],
  },
  {
    name: 'W5',
    title: '10,000 static flags, one after the other',
    kind: 'bool',
    fresh: false,
    keys: spec.STATIC_FLAGS.map(({ key }) => literal(key)),
    users: spec.STATIC_FLAGS.map((_, index) => users[index % USER_COUNT]),
    expected: spec.STATIC_FLAGS.map((_, index) => index % 2 === 0),
    probes: [],
  },
  {
    name: 'W5r',
    title: '10,000 flags, half of them with a rule, in random order',
    kind: 'bool',
    fresh: false,
    keys: mixedOrder.map((index) => literal(spec.MIXED_FLAGS[index].key)),
    users: mixedOrder.map((_, index) => users[index % USER_COUNT]),
    expected: mixedOrder.map((index) => index % 2 === 0),
    probes: [],
  },
];

/** How far a contender's split may lie from the weights over 1,000 users, in percentage points. */
const SPLIT_TOLERANCE = 5;

/**
 * Throws when the answers are wrong: a wrong answer has no speed.
 * @param {string} contender
 * @param {Workload} workload
 * @param {unknown[]} answers
 * @param {unknown[] | undefined} expected
 */
export function checkAnswers(contender, workload, answers, expected = workload.expected) {
  if (expected) {
    const wrong = expected.findIndex((answer, index) => answers[index] !== answer);
    if (wrong === -1 && answers.length === expected.length) return;
    throw new Error(
      `${contender} ${workload.name}: ${workload.keys[wrong]} for ${JSON.stringify(workload.users[wrong])} ` +
        `answered ${JSON.stringify(answers[wrong])}, not ${JSON.stringify(expected[wrong])}`,
    );
  }
  for (const { value, weight } of spec.SPLIT) {
    const share = (100 * answers.filter((answer) => answer === value).length) / answers.length;
    if (Math.abs(share - weight) > SPLIT_TOLERANCE)
      throw new Error(
        `${contender} ${workload.name}: "${value}" went to ${share} % of the users, its weight is ${weight} %`,
      );
  }
}
