import {
  ADULT_AGE,
  COUNTRIES,
  MANY_FLAGS,
  RULES_FLAG,
  SEGMENT_FLAG,
  SPLIT,
  SPLIT_FLAG,
  STAFF_DOMAINS,
  STATIC_FLAG,
} from '../src/flags.mjs';
import { MEMBERS } from '../src/workloads.mjs';

/**
 * The same decisions written by hand: what is left when there is no flag service at all, only a closure for each
 * flag in a `Map`. Nothing that looks a flag up by name can be expected to be faster.
 */

/** MurmurHash3, x86, 32 bits, seed 0, of ASCII text. */
export function murmur3(/** @type {string} */ text) {
  const length = text.length;
  const blocks = length & ~3;
  let hash = 0;
  for (let at = 0; at < blocks; at += 4) {
    let block =
      text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24);
    block = Math.imul(block, 0xcc9e2d51);
    block = (block << 15) | (block >>> 17);
    hash ^= Math.imul(block, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (length > blocks) {
    let tail = 0;
    for (let at = length - 1; at >= blocks; at--) tail = (tail << 8) | text.charCodeAt(at);
    tail = Math.imul(tail, 0xcc9e2d51);
    tail = (tail << 15) | (tail >>> 17);
    hash ^= Math.imul(tail, 0x1b873593);
  }
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

for (const [text, hash] of /** @type {[string, number][]} */ ([
  ['', 0],
  ['feature-flag.weighted', 3942707013],
  ['feature-flag.weighted42', 1149515701],
  ['of.weighteduser-123', 331936261],
]))
  if (murmur3(text) !== hash) throw new Error(`murmur3 of "${text}" is not ${hash}`);

/** @typedef {{ user: import('../src/workloads.mjs').User }} Context */

/** @returns {Map<string, (context: Context) => boolean | string>} */
export function decisions() {
  const flags = new Map();

  flags.set(STATIC_FLAG, () => true);

  const countries = new Set(COUNTRIES);
  const [staff, ops, qa] = STAFF_DOMAINS;
  flags.set(RULES_FLAG, (/** @type {Context} */ { user }) => {
    if (user.plan === 'pro' || user.plan === 'team' || user.plan === 'enterprise') return true;
    if (user.email.endsWith(staff) || user.email.endsWith(ops) || user.email.endsWith(qa))
      return true;
    return countries.has(user.country) && user.age > ADULT_AGE;
  });

  const total = SPLIT.reduce((sum, { weight }) => sum + weight, 0);
  flags.set(SPLIT_FLAG, (/** @type {Context} */ { user }) => {
    const threshold = (murmur3(SPLIT_FLAG + user.key) / 4294967295) * total;
    let sum = 0;
    for (const { value, weight } of SPLIT) if ((sum += weight) >= threshold) return value;
    return SPLIT[SPLIT.length - 1].value;
  });

  const members = new Set(MEMBERS);
  flags.set(SEGMENT_FLAG, (/** @type {Context} */ { user }) => members.has(user.key));

  for (const flag of MANY_FLAGS) {
    if ('on' in flag) {
      const { on } = flag;
      flags.set(flag.key, () => on);
    } else {
      const [first, second, third] = flag.plans;
      flags.set(
        flag.key,
        (/** @type {Context} */ { user: { plan } }) =>
          plan === first || plan === second || plan === third,
      );
    }
  }
  return flags;
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const flags = decisions();
  const read = (/** @type {string} */ key, /** @type {Context} */ context) =>
    flags.get(key)(context);
  return {
    version: '',
    splitsLikeLimit: true,
    bool: read,
    string: read,
    context: ({ key, email, plan, country, age }) => ({ user: { key, email, plan, country, age } }),
    close: () => {},
  };
}
