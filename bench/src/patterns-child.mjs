import { QuonfigService } from 'nestjs-quonfig';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { median, nanosecondsPerCall, warmUp } from './measure.mjs';
import { always, bool, config, envelopeOf, logger, rule, when } from './quonfig-configs.mjs';

/** Patterns in the engine the package uses, in the platform's `RegExp`, and in a read of a flag with that pattern. */

const WARM_UP_MS = 80;

const ORDINARY = [
  {
    name: 'e-mail domain',
    pattern: '@(staff|ops)\\.example\\.com$',
    yes: 'ann@ops.example.com',
    no: 'ann@example.net',
  },
  { name: 'prefix', pattern: '^internal-', yes: 'internal-service-17', no: 'external-service-17' },
  { name: 'version', pattern: '^v?2\\.\\d+\\.\\d+$', yes: 'v2.14.3', no: 'v1.14.3' },
  {
    name: 'browser',
    pattern: '(Chrome|Firefox)/1[0-9]{2}',
    yes: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    no: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1 Version/17.4 Safari/605.1',
  },
  {
    name: 'UUID',
    pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
    yes: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    no: '7c9e6679-7425-40de-944b-e07fc1f90aeX',
  },
  { name: 'any case', pattern: '(?i)beta', yes: 'Early BETA group', no: 'early alpha group' },
];

/** Every way to cut the a's into groups is one more path for an engine that goes back. */
const HOSTILE = '^(a+)+$';
const hostileText = (/** @type {number} */ length) => `${'a'.repeat(length - 1)}!`;
const HOSTILE_LENGTHS = [1_000, 4_000, 16_000, 32_000];
/** The platform's engine takes twice as long for each further character: it gets no more than these. */
const PLATFORM_LENGTHS = [16, 18, 20, 22, 24];

// The package's own dependency, not one that a peer brings along.
const ours = createRequire(new URL('../../package.json', import.meta.url));
const { RE2JS } = await import(pathToFileURL(ours.resolve('re2js')).href);

const keyOf = (/** @type {string} */ pattern) => `pattern ${pattern}`;
const quonfig = await QuonfigService.create({
  datafile: envelopeOf(
    [...ORDINARY.map(({ pattern }) => pattern), HOSTILE].map((pattern) =>
      config(keyOf(pattern), [
        rule(bool(true), when('PROP_MATCHES', 'request.text', 'string', pattern)),
        always(bool(false)),
      ]),
    ),
  ),
  enableQuonfigUserContext: false,
  logger,
});

/** RegExp has no `(?i)` of its own on every Node this runs on. */
function platform(/** @type {string} */ pattern) {
  return pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'i') : new RegExp(pattern);
}

const ordinary = [];
for (const [index, { name, pattern, yes, no }] of ORDINARY.entries()) {
  const re2 = RE2JS.compile(pattern);
  const native = platform(pattern);
  const key = keyOf(pattern);
  const tests = {
    re2js: (/** @type {string} */ _, /** @type {string} */ text) => re2.test(text),
    platform: (/** @type {string} */ _, /** @type {string} */ text) => native.test(text),
    read: (/** @type {string} */ _, /** @type {string} */ text) =>
      quonfig.get(key, { request: { text } }),
  };
  const runs = [];
  for (const [who, test] of Object.entries(tests)) {
    if (test('', yes) !== true || test('', no) !== false)
      throw new Error(`${who} answers wrongly: ${pattern}`);
    const loop = await import(`./loop.mjs?pattern-${index}-${who}`);
    const inputs = { keys: ['', ''], contexts: [yes, no], answers: [false, false] };
    const run = (/** @type {number} */ count) => loop.call(test, inputs, 0, count);
    await warmUp(run, WARM_UP_MS);
    runs.push(run);
  }
  const [re2js, native_, read] = await nanosecondsPerCall(runs);
  ordinary.push({ name, pattern, re2js, platform: native_, read });
}

/** The median time (ms) of some calls. */
function time(/** @type {() => unknown} */ call, times = 5) {
  const samples = [];
  for (let done = 0; done < times; done++) {
    const start = performance.now();
    call();
    samples.push(performance.now() - start);
  }
  return median(samples);
}

const key = keyOf(HOSTILE);
const read = (/** @type {number} */ length) => {
  const context = { request: { text: hostileText(length) } };
  return () => quonfig.get(key, context);
};
await warmUp(() => read(500)(), WARM_UP_MS);
const hostile = HOSTILE_LENGTHS.map((length) => ({ length, ms: time(read(length)) }));
const hostilePlatform = PLATFORM_LENGTHS.map((length) => {
  const native = new RegExp(HOSTILE);
  const text = hostileText(length);
  return { length, ms: time(() => native.test(text), 3), readMs: time(read(length)) };
});

await quonfig.close();
process.send({ ordinary, hostile, hostilePlatform, pattern: HOSTILE }, () => process.exit(0));
