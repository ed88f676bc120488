import { parseArgs } from 'node:util';
import { reconnectDelay } from '../build/requests/reconnect-delay.js';
import { nextStep } from '../build/sources/poll/poll-step.js';
import { ModelClient, ModelRelay, ModelServer } from './src/fleet-model.mjs';
import { conclude, printTable } from './src/report.mjs';
import { VirtualClock } from './src/virtual-clock.mjs';

/** A fleet behind two layers of relays: an update, an outage, and the reconnects after it, on one clock. See README.md. */

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean' },
    json: { type: 'boolean' },
    pods: { type: 'string', default: '100000' },
    first: { type: 'string', default: '10' },
    second: { type: 'string', default: '100' },
    kilobytes: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});
const size = {
  pods: Number(options.pods),
  first: Number(options.first),
  second: Number(options.second),
};
const envelopeBytes = Number(options.kilobytes) * 1_000;

const MINUTE = 60_000;
const UPDATE_AT = 5 * MINUTE;
const OUTAGE_AT = 10 * MINUTE;
// Not a multiple of the polling interval: pods would poll right after the end, which flatters.
const OUTAGE_MS = 10.5 * MINUTE;
const OUTAGE_END = OUTAGE_AT + OUTAGE_MS;
const END = OUTAGE_END + 10 * MINUTE;
/** 99.9 % have the current configs by then. */
const TARGET_UPDATE_MS = 10_000;
const TARGET_RECOVERY_MS = 60_000;

const policy = { reconnectDelay, nextStep, fallbackPollIntervalMs: MINUTE };
const GIGABIT_PER_MS = 125_000;
const link = (/** @type {number} */ roundTripMs) => ({
  roundTripMs,
  bytesPerMs: GIGABIT_PER_MS,
  requestMs: 0.2,
});
const TO_SERVICE = link(80);
const BETWEEN_RELAYS = link(10);
const TO_PODS = link(1);

/** A fleet without relays has only the service; `pollService` adds the service to the APIs of the pods. */
function createFleet(/** @type {{ relays: boolean, pollService?: boolean }} */ shape) {
  const clock = new VirtualClock();
  const random = seeded(Number(options.seed));
  const service = new ModelServer(clock, TO_SERVICE, envelopeBytes);
  service.generation = 1;
  const relaysOf = (/** @type {number} */ count, servers, /** @type {any} */ ownLink) =>
    Array.from({ length: count }, (_, index) => {
      const upstream = servers[index % servers.length];
      return new ModelRelay(
        () => new ModelClient(clock, policy, random, upstream),
        new ModelServer(clock, ownLink, envelopeBytes),
      );
    });
  const serversOf = (relays) => relays.map(({ server }) => server);
  const first = shape.relays ? relaysOf(size.first, [service], BETWEEN_RELAYS) : [];
  const second = shape.relays ? relaysOf(size.second, serversOf(first), TO_PODS) : [];
  const last = shape.relays ? serversOf(second) : [service];
  const pods = Array.from({ length: size.pods }, (_, index) => {
    const server = last[index % last.length];
    const apis = shape.pollService ? [server, service] : [server];
    const pod = new ModelClient(clock, policy, random, server, apis);
    pod.start();
    return pod;
  });
  return { clock, service, first, second, pods };
}

const SCENARIOS = {
  'the service': {
    relays: true,
    fail: ({ service }) => service.goDown(),
    recover: ({ service }) => service.goUp(),
  },
  'all relays of layer 1': {
    relays: true,
    fail: ({ first }) => first.forEach((relay) => relay.kill()),
    recover: ({ first }) => first.forEach((relay) => relay.restart()),
  },
  'all relays of layer 2': {
    relays: true,
    fail: ({ second }) => second.forEach((relay) => relay.kill()),
    recover: ({ second }) => second.forEach((relay) => relay.restart()),
  },
  'layer 2, pods poll the service': {
    relays: true,
    pollService: true,
    fail: ({ second }) => second.forEach((relay) => relay.kill()),
    recover: ({ second }) => second.forEach((relay) => relay.restart()),
  },
  'the service, without relays': {
    relays: false,
    fail: ({ service }) => service.goDown(),
    recover: ({ service }) => service.goUp(),
  },
};

function run(/** @type {string} */ name) {
  const { fail, recover, ...shape } = SCENARIOS[name];
  const fleet = createFleet(shape);
  const { clock, service, first, second, pods } = fleet;
  clock.runUntil(UPDATE_AT);
  service.publish(2);
  clock.runUntil(OUTAGE_AT);
  const update = spread(pods, 2, UPDATE_AT);
  fail(fleet);
  // Published while the fleet is cut off.
  clock.after(OUTAGE_MS / 2, () => service.publish(3));
  clock.runUntil(OUTAGE_END);
  const updatedMeanwhile = pods.filter(({ generation }) => generation === 3).length;
  recover(fleet);
  clock.runUntil(END);
  const recovery = spread(pods, 3, OUTAGE_END);
  const busiest = (servers, /** @type {number} */ from, /** @type {number} */ to) =>
    Math.max(0, ...servers.map((server) => peak(server, from, to)));
  const relays = [...first, ...second].map(({ server }) => server);
  return {
    name,
    update,
    updatedMeanwhile,
    recovery,
    requestsPerSecond: {
      serviceDuring: peak(service, OUTAGE_AT, OUTAGE_END),
      serviceAfter: peak(service, OUTAGE_END, END),
      relayDuring: busiest(relays, OUTAGE_AT, OUTAGE_END),
      relayAfter: busiest(relays, OUTAGE_END, END),
    },
  };
}

/** How long after a moment the pods had a generation, in ms; `Infinity` for those that never had it. */
function spread(pods, /** @type {number} */ generation, /** @type {number} */ since) {
  const waits = pods.map((pod) =>
    pod.generation === generation ? Math.max(pod.updatedAt - since, 0) : Infinity,
  );
  const sorted = Float64Array.from(waits).sort();
  const at = (/** @type {number} */ share) => sorted[Math.ceil(sorted.length * share) - 1];
  return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), lastMs: at(1) };
}

/** The most requests that reached a server in one second. */
function peak(server, /** @type {number} */ from, /** @type {number} */ to) {
  const seconds = server.requestsPerSecond.slice(from / 1_000, to / 1_000);
  return seconds.reduce((most, count = 0) => Math.max(most, count), 0);
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function seeded(/** @type {number} */ seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const results = Object.keys(SCENARIOS).map((name) => {
  if (!options.json) process.stderr.write(`simulating an outage of ${name} …\n`);
  return run(name);
});

const misses = results
  .filter(({ name }) => !name.includes('without'))
  .flatMap(({ name, update, recovery }) => [
    ...(update.p999Ms > TARGET_UPDATE_MS
      ? [`${name}: an update takes ${update.p999Ms.toFixed(0)} ms to reach 99.9 %`]
      : []),
    ...(recovery.p999Ms > TARGET_RECOVERY_MS
      ? [`${name}: 99.9 % have current configs ${recovery.p999Ms.toFixed(0)} ms after the outage`]
      : []),
  ]);

if (!options.json) {
  const s = (/** @type {number} */ ms) => (ms / 1_000).toFixed(1);
  const shape = `${size.pods} pods, relays ${size.first} + ${size.second}, envelope ${options.kilobytes} kB`;
  printTable(
    `An update, s   (${shape}; target: 99.9 % in ${s(TARGET_UPDATE_MS)} s)`,
    ['', '50 %', '99 %', '99.9 %', 'all'],
    results
      .filter(({ name }) => name.startsWith('the service'))
      .map(({ name, update: { p50Ms, p99Ms, p999Ms, lastMs } }) => [
        name.includes('without') ? 'without relays' : 'two layers of relays',
        ...[p50Ms, p99Ms, p999Ms, lastMs].map(s),
      ]),
  );
  printTable(
    `After an outage of 10.5 minutes, s   (target: 99.9 % in ${s(TARGET_RECOVERY_MS)} s)`,
    ['what was down', 'current before', '50 %', '99 %', '99.9 %', 'all'],
    results.map(({ name, updatedMeanwhile, recovery: { p50Ms, p99Ms, p999Ms, lastMs } }) => [
      name,
      String(updatedMeanwhile),
      ...[p50Ms, p99Ms, p999Ms, lastMs].map(s),
    ]),
  );
  printTable(
    'Most requests in one second, refused ones included',
    ['what was down', 'service, during', 'service, after', 'a relay, during', 'a relay, after'],
    results.map(({ name, requestsPerSecond: peaks }) => [
      name,
      ...Object.values(peaks).map(String),
    ]),
  );
}
conclude(options, { ...size, envelopeBytes, results }, misses);
