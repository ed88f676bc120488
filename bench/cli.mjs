import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './src/measure.mjs';
import { commandLine, conclude, printTable } from './src/report.mjs';

/** What the commands cost on a large workspace: time and memory of whole processes. See README.md. */

const FILES = 10_000;
/** Processes per command, after one that warms the file system's cache. */
const RUNS = 5;
const TARGET_SECONDS = 3;

const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const resources = new URL('src/print-resources.mjs', import.meta.url).href;
const options = commandLine();

/** @type {{ name: string, args: string[], target?: number }[]} */
const COMMANDS = [
  { name: 'node (empty program)', args: ['-e', ''] },
  { name: 'verify', args: [command, 'verify', '--datadir', '.'], target: TARGET_SECONDS },
  { name: 'generate', args: [command, 'generate', '--datadir', '.'], target: TARGET_SECONDS },
  {
    name: 'generate --service',
    args: [command, 'generate', '--datadir', '.', '--service', '--output', 'class'],
  },
  { name: 'generate --check', args: [command, 'generate', '--datadir', '.', '--check'] },
  {
    name: 'diff of two environments',
    args: [command, 'diff', 'staging', 'production', '--datadir', '.', '--json'],
  },
];

const workspace = mkdtempSync(join(tmpdir(), 'quonfig-bench-'));
try {
  writeWorkspace(workspace);
  const results = COMMANDS.map(({ name, args, target }) => {
    if (!options.json) process.stderr.write(`${name} …\n`);
    measure(args);
    const runs = Array.from({ length: RUNS }, () => measure(args));
    const of = (/** @type {'ms' | 'cpuMs' | 'peakBytes'} */ field) =>
      median(runs.map((run) => run[field]));
    return {
      name,
      target,
      seconds: of('ms') / 1000,
      cpuSeconds: of('cpuMs') / 1000,
      peakBytes: of('peakBytes'),
    };
  });
  const misses = results
    .filter(({ seconds, target }) => target !== undefined && seconds > target)
    .map(
      ({ name, seconds, target }) => `${name}: ${seconds.toFixed(2)} s, the target is ${target} s`,
    );
  if (!options.json) {
    printTable(
      `Commands on ${FILES} files   (target of verify and generate: ${TARGET_SECONDS} s)`,
      ['command', 'seconds', 'processor s', 'peak memory MB'],
      results.map(({ name, seconds, cpuSeconds, peakBytes }) => [
        name,
        seconds.toFixed(2),
        cpuSeconds.toFixed(2),
        (peakBytes / 2 ** 20).toFixed(0),
      ]),
    );
  }
  conclude(options, { files: FILES, results }, misses);
} finally {
  rmSync(workspace, { recursive: true, force: true });
}

/** Runs one process, whose output is thrown away. */
function measure(/** @type {string[]} */ args) {
  const file = join(workspace, 'resources.json');
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', resources, ...args], {
    cwd: workspace,
    env: { ...process.env, RESOURCES_FILE: file },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with code ${status}:\n${stderr}`);
  return { ms, ...JSON.parse(readFileSync(file, 'utf8')) };
}

/** Flags with targeting, configs of every type, a schema for some of the JSON, and segments, in a fixed mixture. */
function writeWorkspace(/** @type {string} */ directory) {
  const write = (/** @type {string} */ file, /** @type {unknown} */ content) =>
    writeFileSync(join(directory, file), JSON.stringify(content, null, 2));
  for (const name of ['configs', 'feature-flags', 'segments', 'schemas'])
    mkdirSync(join(directory, name));
  write('quonfig.json', { environments: ['staging', 'production'], workspace: 'bench' });
  write('schemas/limits.json', {
    type: 'object',
    required: ['items'],
    properties: { items: { type: 'integer' }, names: { type: 'array', items: { type: 'string' } } },
  });
  for (let index = 1; index < FILES; index++) {
    const document = documentAt(index);
    const folder = { feature_flag: 'feature-flags', segment: 'segments', config: 'configs' }[
      document.type
    ];
    write(`${folder}/${document.key}.json`, document);
  }
}

function documentAt(/** @type {number} */ index) {
  const always = { operator: 'ALWAYS_TRUE' };
  const common = { description: `What number ${index} is for, in one sentence.` };
  const key = (/** @type {string} */ kind) => `area-${index % 50}.${kind}-${index}`;
  const rule = (/** @type {object} */ value, criterion = /** @type {object} */ (always)) => ({
    criteria: [criterion],
    value,
  });
  const isPro = {
    propertyName: 'user.plan',
    operator: 'PROP_IS_ONE_OF',
    valueToMatch: { type: 'string_list', value: ['pro', `team-${index % 7}`] },
  };
  const targeted = (/** @type {object} */ value, /** @type {object} */ other) => ({
    default: { rules: [rule(value, isPro), rule(other)] },
    environments: index % 3 === 0 ? [{ id: 'production', rules: [rule(value)] }] : [],
  });
  if (index % 20 === 0) {
    const bool = { type: 'bool', value: true };
    return {
      key: key('segment'),
      type: 'segment',
      valueType: 'bool',
      ...common,
      ...targeted(bool, { ...bool, value: false }),
    };
  }
  if (index % 2 === 0) {
    const bool = { type: 'bool', value: true };
    return {
      key: key('flag'),
      type: 'feature_flag',
      valueType: 'bool',
      ...common,
      ...targeted(bool, { ...bool, value: false }),
    };
  }
  /** @type {[string, unknown, unknown][]} */
  const types = [
    ['string', `Hello {{name}}, ${index}`, 'Hello'],
    ['int', String(index), '0'],
    ['duration', 'PT30S', 'PT1M'],
    ['string_list', ['a', 'b'], []],
    ['json', { items: index, names: ['a'] }, { items: 0 }],
  ];
  const [type, value, other] = types[(index >> 1) % types.length];
  return {
    key: key('config'),
    type: 'config',
    valueType: type,
    ...(type === 'json' && index % 3 === 0 && { schemaKey: 'limits' }),
    ...common,
    ...targeted({ type, value }, { type, value: other }),
  };
}
