import 'reflect-metadata';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigContext, QuonfigLogger, QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { bytesPerCall, nanosecondsPerCall, warmUp } from './measure.mjs';
import { logger as silent } from './quonfig-configs.mjs';

/** What a debug message costs that is not logged; each lane beside a bare check. */

const WARM_UP_MS = 200;
const KEY = 'log-level.bench';
const PATHS = Array.from({ length: 50 }, (_, index) => `Service${index}`);

const level = (/** @type {string} */ value) => ({ type: 'log_level', value });
const oneOf = (/** @type {string} */ propertyName, /** @type {string[]} */ value) => ({
  propertyName,
  operator: 'PROP_IS_ONE_OF',
  valueToMatch: { type: 'string_list', value },
});
const byPath = [1, 2, 3].map((number) => ({
  criteria: [oneOf('quonfig-sdk-logging.key', [`Open${number}`, `Other${number}`])],
  value: level('debug'),
}));
const byUser = { criteria: [oneOf('user.key', ['u-1', 'u-2'])], value: level('debug') };
const otherwise = { criteria: [], value: level('info') };

const staff = {
  criteria: [oneOf('user.key', ['u-1', 'u-2'])],
  value: { type: 'bool', value: true },
};
const bySegment = {
  criteria: [{ operator: 'IN_SEG', valueToMatch: { type: 'string', value: 'staff' } }],
  value: level('debug'),
};

const RULES = {
  'one level for all loggers': [otherwise],
  'three rules by logger': [...byPath, otherwise],
  'rules by logger and by user': [...byPath, byUser, otherwise],
  'rules by logger and by segment': [...byPath, bySegment, otherwise],
};

let written = 0;
const write = () => void written++;
const counting = { log: write, warn: write, error: write, debug: write, verbose: write };

/** The least a logger can do: one property decides. */
class BareLogger {
  enabled = false;

  debug(message, ...params) {
    if (this.enabled) counting.debug(message, ...params);
  }
}

const open = [];

async function application(/** @type {object[]} */ rules) {
  const config = {
    id: '1',
    key: KEY,
    type: 'log_level',
    valueType: 'log_level',
    default: { rules },
  };
  const segment = {
    id: '2',
    key: 'staff',
    type: 'segment',
    valueType: 'bool',
    default: { rules: [staff] },
  };
  const app = await NestFactory.createApplicationContext(
    QuonfigModule.forRoot({
      datafile: { configs: [config, segment], meta: { version: '1', environment: 'production' } },
      loggerKey: KEY,
      enableQuonfigUserContext: false,
      logger: silent,
    }),
    { logger: false },
  );
  open.push(app);
  return {
    logger: new QuonfigLogger(app.get(QuonfigService), { logger: counting }),
    context: app.get(QuonfigContext),
  };
}

const loop = (/** @type {string} */ name) => import(`./log-loop.mjs?${encodeURIComponent(name)}`);
/** @type {{ name: string, run: (count: number) => void }[]} */
const lanes = [];

const bare = await loop('bare');
const bareLogger = new BareLogger();
lanes.push({ name: 'a bare check', run: (count) => bare.call(bareLogger, PATHS, count) });

for (const [name, rules] of Object.entries(RULES)) {
  const { logger } = await application(rules);
  const { call } = await loop(name);
  lanes.push({ name, run: (count) => call(logger, PATHS, count) });
}
for (const rules of ['rules by logger and by user', 'rules by logger and by segment']) {
  const name = `${rules}, in a request`;
  const { logger, context } = await application(RULES[rules]);
  const { call } = await loop(name);
  const contexts = { user: { key: 'u-3', plan: 'pro' } };
  lanes.push({ name, run: (count) => context.run(contexts, () => call(logger, PATHS, count)) });
}

/** The same through Nest's `Logger`, which allocates a list of parameters for each message. */
async function throughNest(/** @type {string} */ name, /** @type {any} */ under) {
  const { callEach } = await loop(`nest ${name}`);
  const loggers = PATHS.map((path) => new Logger(path));
  lanes.push({
    name: `new Logger(…) over ${name}`,
    run: (count) => {
      Logger.overrideLogger(under);
      callEach(loggers, count);
    },
  });
}

await throughNest('a closed ConsoleLogger', new ConsoleLogger({ logLevels: ['log'] }));
const three = 'three rules by logger';
await throughNest(three, (await application(RULES[three])).logger);

for (let pass = 0; pass < 2; pass++) for (const { run } of lanes) await warmUp(run, WARM_UP_MS);
const times = await nanosecondsPerCall(lanes.map(({ run }) => run));
const bytes = [];
for (const { run } of lanes) bytes.push(await bytesPerCall(run));
if (written > 0) throw new Error(`${written} messages were logged that should not have been`);
for (const app of open) await app.close();
process.send(
  lanes.map(({ name }, index) => ({ name, ns: times[index], bytes: bytes[index] })),
  () => process.exit(0),
);
