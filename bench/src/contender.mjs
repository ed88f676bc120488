import { readFile } from 'node:fs/promises';

/**
 * What a file in `contenders/` opens: a client that serves the flags of `flags.mjs`.
 * @typedef {object} Contender
 * @property {string} version
 * @property {boolean} [awaits] whether `bool` and `string` return promises, because the client offers nothing else
 * @property {boolean} [splitsLikeLimit] whether W3's buckets must be exactly those of `limit`
 * @property {(key: string, context: any) => any} bool reads a boolean flag
 * @property {(key: string, context: any) => any} string reads a text flag
 * @property {(user: import('./workloads.mjs').User) => any} context the client's own form of a user
 * @property {() => unknown} close
 */

/** In the order of the tables. */
export const CONTENDERS = [
  'quonfig',
  'flagd',
  'configcat',
  'growthbook',
  'launchdarkly',
  'unleash',
  'statsig',
  'statsig-core',
];

/** @returns {Promise<Contender>} */
export async function open(/** @type {string} */ name) {
  return (await import(`../contenders/${name}.mjs`)).open();
}

/** The version of an installed package. */
export async function versionOf(/** @type {string} */ name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')).version;
}
