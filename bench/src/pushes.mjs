import { COUNTRIES, STAFF_DOMAINS } from './flags.mjs';
import { always, config } from './quonfig-configs.mjs';
import { realisticConfigs } from './realistic-configs.mjs';

/**
 * Whole sets of about 1 KB a config in each protocol. In set `n` the config `marker` has the value `n`, the others stay
 * as they are.
 */

export const MARKER = 'marker';

/** Bytes of a flag of a peer: as many as one of our configs has on average. */
const FLAG_BYTES = 1_000;

/** A flag with a list of accounts as long as it takes. */
function filled(/** @type {(accounts: string[]) => object} */ make) {
  /** @type {string[]} */
  const accounts = [];
  while (JSON.stringify(make(accounts)).length < FLAG_BYTES)
    accounts.push(`account-${accounts.length}-${accounts.length * 131}`);
  return make(accounts);
}

/** The text of a set around the marker: only that is written anew for each push. */
function template(/** @type {object} */ document) {
  const [before, after] = JSON.stringify(document).split('"@marker"');
  return (/** @type {number} */ number, /** @type {object} */ marker) =>
    `${before.replaceAll('"@number"', String(number))}${JSON.stringify(marker)}${after}`;
}

function quonfig(/** @type {number} */ size) {
  const set = template({
    meta: { version: 'bench', environment: 'production', generation: '@number' },
    configs: [...realisticConfigs(size - 1), '@marker'],
  });
  const body = (/** @type {number} */ number) =>
    set(number, config(MARKER, [always({ type: 'int', value: number })], 'config', 'int'));
  return {
    paths: { stream: '/api/v2/sse/config', configs: '/api/v2/configs' },
    body,
    next: (/** @type {number} */ number) => `id: ${number}\ndata: ${body(number)}\n\n`,
  };
}

/** Its `put`, which is a whole set. The marker is a member of an object there, not an element of a list. */
function launchdarkly(/** @type {number} */ size) {
  const flag = (/** @type {string} */ key, /** @type {string[]} */ accounts) => ({
    key,
    on: true,
    version: 1,
    salt: 'bench',
    variations: [true, false],
    offVariation: 1,
    fallthrough: { variation: 1 },
    targets: [],
    prerequisites: [],
    rules: [
      ['country', 'in', COUNTRIES],
      ['email', 'endsWith', STAFF_DOMAINS],
      ['account', 'in', accounts],
    ].map(([attribute, op, values], index) => ({
      id: `rule-${index}`,
      variation: 0,
      clauses: [{ attribute, op, values, negate: false, contextKind: 'user' }],
    })),
  });
  const flags = Object.fromEntries(
    Array.from({ length: size - 1 }, (_, index) => {
      const key = `team-${index % 40}.service-${index % 400}.setting-${index}`;
      return [key, filled((accounts) => flag(key, accounts))];
    }),
  );
  const set = template({
    path: '/',
    data: { segments: {}, flags: { ...flags, [MARKER]: '@marker' } },
  });
  return {
    paths: { stream: '/all' },
    next: (/** @type {number} */ number) => {
      const marker = {
        ...flag(MARKER, []),
        version: number,
        variations: [number],
        offVariation: 0,
        fallthrough: { variation: 0 },
        rules: [],
      };
      return `event: put\ndata: ${set(number, marker)}\n\n`;
    },
  };
}

/** Its hydration event, which is a whole set. */
function unleash(/** @type {number} */ size) {
  const toggle = (/** @type {string} */ name, /** @type {string[]} */ accounts) => ({
    name,
    enabled: true,
    strategies: [
      ['country', 'IN', COUNTRIES],
      ['email', 'STR_ENDS_WITH', STAFF_DOMAINS],
      ['account', 'IN', accounts],
    ].map(([contextName, operator, values]) => ({
      name: 'default',
      parameters: {},
      constraints: [{ contextName, operator, values, inverted: false }],
    })),
  });
  const features = Array.from({ length: size - 1 }, (_, index) => {
    const name = `team-${index % 40}.service-${index % 400}.setting-${index}`;
    return filled((accounts) => toggle(name, accounts));
  });
  const set = template({
    events: [
      { eventId: '@number', type: 'hydration', segments: [], features: [...features, '@marker'] },
    ],
  });
  const event = (/** @type {string} */ name) => (/** @type {number} */ number) => {
    const variant = { name: String(number), weight: 1000, stickiness: 'default' };
    const marker = {
      name: MARKER,
      enabled: true,
      strategies: [{ name: 'default', parameters: {}, constraints: [] }],
      variants: [variant],
    };
    return `id: ${number}\nevent: ${name}\ndata: ${set(number, marker)}\n\n`;
  };
  return {
    paths: { stream: '/client/streaming' },
    first: () => event('unleash-connected')(1),
    next: event('unleash-updated'),
  };
}

/** @type {Record<string, (size: number) => any>} */
export const PUSHES = { quonfig, launchdarkly, unleash };
