// The rooms of lib/ and what each may import: the only place where this is written by hand.
// `node scripts/rooms.mjs --write` updates .oxlintrc.rooms.json and the lists in the documentation;
// without --write it fails if one of them is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const core = ['model', 'errors', 'requests', 'evaluation'];
const engine = [...core, 'store', 'sources', 'persistence', 'telemetry', 'delivery'];
const api = ['interfaces', 'options', 'reads', 'updates', 'logging'];

/**
 * `imports`: rooms. `types`: rooms of which only types may be imported. `packages`: peer
 * dependencies. An `entry` is a subpath export of the package: of lib/, it imports only the public API. So does the
 * `command`, which is beside lib/ and imports the package by its name; `packages` are then dependencies.
 */
export const rooms = {
  'index.ts': {
    about: 're-exports the public API',
    imports: [...engine, ...api, 'client', 'nest'],
    packages: ['@nestjs/common', '@nestjs/core'],
  },
  model: {
    about: 'configs, contexts, envelopes, updates, and the checks of their structure',
    imports: [],
  },
  errors: { about: 'one class per kind of failure', imports: [] },
  requests: {
    about: 'credentials, `Retry-After`, cancellation and failure codes for all HTTP requests',
    imports: ['errors'],
  },
  evaluation: {
    about:
      'compiles and evaluates rules, criteria, segments, splits and values; details and traces',
    imports: ['model', 'errors'],
  },
  store: {
    about: 'snapshots and their differences, the store, the install guard, the startup check',
    imports: ['model', 'evaluation', 'errors'],
  },
  sources: {
    about:
      '`datadir` and `datafile` (loaders, watcher), `http` (requests, hedging, redirects, limits), `stream` (reconnecting event stream), `poll` (polling schedule), `cluster` (the process that leads)',
    imports: ['model', 'errors', 'requests'],
  },
  persistence: {
    about: 'saves envelopes in a file or store, and reads them back',
    imports: ['model', 'errors', 'requests'],
  },
  telemetry: {
    about:
      'collectors for evaluations, context shapes, example contexts and failovers; the reporter with its queue, retries and log lines',
    imports: ['model', 'requests'],
    types: ['evaluation'],
  },
  delivery: {
    about:
      'decides which source runs when; first load, suspension, closing, forks, connection state; which process leads (`cluster`)',
    imports: ['sources', 'persistence', 'store', 'model', 'errors', 'requests'],
  },
  interfaces: {
    about: 'options and public types',
    imports: [...engine, ...api],
  },
  options: {
    about: 'the option table, with validation and defaults',
    imports: [...engine, ...api],
    packages: ['@nestjs/common'],
  },
  reads: {
    about: 'getters over the current snapshot and the policy for missing values',
    imports: [...engine, ...api],
  },
  updates: {
    about: 'Observables, live values, isolation of user code',
    imports: [...engine, ...api],
  },
  logging: {
    about: 'dynamic log levels',
    imports: [...engine, ...api],
    packages: ['@nestjs/common'],
  },
  client: {
    about: 'the SDK without Nest, with its parts, `QuonfigService`, `BoundQuonfig` and diagnostics',
    imports: [...engine, ...api],
  },
  nest: {
    about: 'module, providers, lifecycle, explorer, decorators, event bus',
    imports: [...engine, ...api, 'client'],
    packages: ['@nestjs/common', '@nestjs/core', 'reflect-metadata'],
  },
  terminus: {
    about: 'subpath export with the health indicator for `@nestjs/terminus`',
    entry: true,
    packages: ['@nestjs/common', '@nestjs/core', '@nestjs/terminus'],
  },
  prometheus: {
    about: 'subpath export with metrics for `prom-client`',
    entry: true,
    packages: ['prom-client'],
  },
  opentelemetry: {
    about: 'subpath export with events, metrics and spans for OpenTelemetry',
    entry: true,
    packages: ['@opentelemetry/api'],
  },
  openfeature: {
    about: 'subpath export with the server provider for OpenFeature',
    entry: true,
    packages: ['@nestjs/common', '@openfeature/server-sdk'],
  },
  testing: {
    about: 'subpath export with a service and a module for tests',
    entry: true,
    packages: ['@nestjs/common'],
  },
  pino: {
    about: 'subpath export with live levels for pino',
    entry: true,
    packages: ['pino'],
  },
  winston: {
    about: 'subpath export with live levels for winston',
    entry: true,
    packages: ['winston'],
  },
  relay: {
    about: 'subpath export with a module that serves the configs of a service to other clients',
    entry: true,
    packages: ['@nestjs/common', '@nestjs/core'],
  },
  cli: {
    about: 'the command `nestjs-quonfig`, in `cli/` beside `lib/`',
    command: true,
    packages: [
      'nestjs-quonfig',
      '@nestjs/common',
      '@nestjs/core',
      '@humanwhocodes/momoa',
      'ajv',
      'chokidar',
    ],
  },
  inspector: {
    about: 'subpath export with the page that explains flags',
    entry: true,
    packages: ['@nestjs/common', '@nestjs/core'],
  },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file) => readFileSync(join(root, file), 'utf8');

export const roomNames = Object.keys(rooms).filter((name) => name !== 'index.ts');

/** The folder of a room. */
export const folderOf = (name) => (rooms[name].command ? name : `lib/${name}`);

/** Packages that only the rooms import whose row names them. */
export const guardedPackages = guarded(JSON.parse(read('package.json')));

function guarded({ peerDependencies, devDependencies }) {
  const peers = Object.keys(peerDependencies).filter((name) => name !== 'rxjs');
  const nest = Object.keys(devDependencies).filter((name) => name.startsWith('@nestjs/'));
  return [...new Set([...peers, ...nest, 'nestjs-quonfig'])].sort();
}

const code = (words) => words.map((word) => `\`${word}\``).join(', ');

/** What a room may import, in Markdown. */
function mayImport({ entry, imports = [], types = [], packages = [] }) {
  const words = [];
  if (entry) words.push('`../index.js`');
  if (imports.includes('delivery'))
    words.push(`the rooms from \`${imports[0]}\` to \`${imports.at(-1)}\``);
  else if (imports.length > 0) words.push(code(imports));
  if (types.length > 0) words.push(`types of ${code(types)}`);
  if (packages.length > 0) words.push(code(packages));
  return words.join(', ') || 'no other room';
}

/** The linter's rules for `files`, all of whose rooms have the same row but for `about`. */
function boundary(files, own) {
  const row = rooms[own[0]];
  const { entry, command, imports = [], types = [], packages = [] } = row;
  // An import inside a room never names the room, unless its row allows it.
  const open = own.length === 1 ? [...imports, ...types, ...own] : [...imports, ...types];
  const closed = command ? 'lib' : roomNames.filter((name) => !open.includes(name)).join('|');
  const peers = guardedPackages.filter((name) => !packages.includes(name)).join('|');
  const publicApi = entry ? '' : String.raw`^(\.\./)+index\.js$|`;
  const message = `May import: ${mayImport(row).replaceAll('`', '')}.`;
  const patterns = [{ regex: `${publicApi}(^|/)(${closed})/|^(${peers})(/|$)`, message }];
  if (types.length > 0)
    patterns.push({ regex: `/(${types.join('|')})/`, allowTypeImports: true, message });
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

const filesOf = (name) => (name === 'index.ts' ? 'lib/*.ts' : `${folderOf(name)}/**`);

/** The part of the linter's configuration that .oxlintrc.json extends. */
function boundaries() {
  const groups = new Map();
  for (const [name, { about: _, ...row }] of Object.entries(rooms)) {
    const key = JSON.stringify(row);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return JSON.stringify({
    overrides: [...groups.values()].map((names) => boundary(names.map(filesOf), names)),
  });
}

/** Replaces the list between the markers: one item per room, wrapped like the prose of the pages. */
function withList(textOf) {
  return async (text, file) => {
    const items = Object.entries(rooms).map(([name, row]) => `- \`${name}\`: ${textOf(row)}`);
    const wrapped = { parser: 'markdown', proseWrap: 'always', printWidth: 120 };
    const list = await format(items.join('\n'), wrapped);
    const markers = /(<!-- rooms -->\n)[^]*?(\n<!-- \/rooms -->)/;
    if (!markers.test(text)) throw new Error(`${file} has no <!-- rooms --> … <!-- /rooms -->`);
    return text.replace(markers, (_, begin, end) => `${begin}\n${list}${end}`);
  };
}

const targets = {
  '.oxlintrc.rooms.json': boundaries,
  'CONTRIBUTING.md': withList(mayImport),
  'docs/architecture.md': withList(({ about }) => about),
};

/** The files that are out of date, with the text they should have. */
export async function outdated() {
  const found = [];
  for (const [file, update] of Object.entries(targets)) {
    const text = read(file);
    const filepath = join(root, file);
    const wanted = await format(await update(text, file), {
      ...(await resolveConfig(filepath)),
      filepath,
    });
    if (wanted !== text) found.push({ file, wanted });
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const write = process.argv.includes('--write');
  for (const { file, wanted } of await outdated()) {
    if (write) writeFileSync(join(root, file), wanted);
    else process.exitCode = 1;
    console.log(write ? `Updated ${file}` : `${file}: run \`node scripts/rooms.mjs --write\``);
  }
}
