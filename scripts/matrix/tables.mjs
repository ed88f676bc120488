import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { dimensions, setups } from './cells.mjs';
import { root } from './command.mjs';

const BEGIN = '<!-- Written by `npm run matrix -- --write`. -->';
const END = '<!-- End of the written part. -->';

/** The columns of the short table that do not stand for a version of Node. */
const groups = {
  'Nest CLI: tsc, SWC, webpack, monorepo': ['nest-build', 'nest-swc', 'nest-webpack', 'monorepo'],
  'esbuild, ncc': ['esbuild', 'ncc'],
  'pnpm, Yarn PnP': ['pnpm', 'yarn-pnp'],
  'Bun, Deno': ['bun', 'deno'],
  container: ['container'],
};

const words = { esm: 'ES modules', cjs: 'CommonJS', express: 'Express', fastify: 'Fastify' };

/** The version with which a part was tried, or its name in the cells. */
const versionOf = (versions, part, version) => versions[`${part} ${version}`] ?? version;

const majorOf = (versions, part, version) =>
  version === 'newest' ? versionOf(versions, part, version).split('.')[0] : version;

/** How many applications worked, per major version of Nest. */
export function compactTable(results, versions) {
  const rows = dimensions.nest.map((nest) => {
    const count = (matches) => {
      const all = results.filter(({ cell }) => cell.nest === nest && matches(cell));
      const ok = all.filter(({ reason }) => reason === undefined);
      return all.length === 0 ? '' : `${ok.length} of ${all.length}`;
    };
    return [
      `Nest ${nest}`,
      ...dimensions.node.map((node) => count((cell) => cell.setup === 'tsc' && cell.node === node)),
      ...Object.values(groups).map((names) => count(({ setup }) => names.includes(setup))),
    ];
  });
  const nodes = dimensions.node.map((node) => `Node ${majorOf(versions, 'Node', node)}`);
  return table([['', ...nodes, ...Object.keys(groups)], ...rows]);
}

/** Every cell; below the tables, the reason of each that fails. */
export function fullTables(results, versions) {
  const failures = [];
  const verdict = (wanted) => {
    const found = results.find(({ cell }) =>
      Object.entries(wanted).every(([name, value]) => cell[name] === value),
    );
    if (found === undefined) return '';
    if (found.reason === undefined) return 'ok';
    failures.push(found);
    return `no (${failures.length})`;
  };
  const tables = [tscTable(verdict, versions), setupTable(verdict)];
  const reasons = failures.map(
    ({ reason }, index) => `${index + 1}. ${reason.split('\n')[0].replaceAll('|', '\\|')}`,
  );
  return [
    ...tables,
    ...(reasons.length > 0 ? [reasons.join('\n')] : []),
    versionList(versions),
  ].join('\n\n');
}

function tscTable(verdict, versions) {
  const rows = dimensions.nest.flatMap((nest) =>
    dimensions.module.flatMap((module) =>
      dimensions.typescript.flatMap((typescript) =>
        dimensions.adapter.map((adapter) => [
          `Nest ${nest}`,
          words[adapter],
          words[module],
          `TypeScript ${versionOf(versions, 'TypeScript', typescript)}`,
          ...dimensions.node.map((node) =>
            verdict({ setup: 'tsc', nest, module, typescript, adapter, node }),
          ),
        ]),
      ),
    ),
  );
  const nodes = dimensions.node.map((node) => `Node ${majorOf(versions, 'Node', node)}`);
  return table([['Nest', 'Adapter', 'Modules', 'Compiler', ...nodes], ...rows]);
}

function setupTable(verdict) {
  const columns = dimensions.nest.flatMap((nest) =>
    dimensions.adapter.map((adapter) => ({ nest, adapter })),
  );
  const rows = Object.entries(setups).map(([setup, { title }]) => [
    title,
    ...columns.map((column) => verdict({ setup, ...column })),
  ]);
  const titles = columns.map(({ nest, adapter }) => `Nest ${nest}, ${words[adapter]}`);
  return table([['Setup', ...titles], ...rows]);
}

function versionList(versions) {
  const known = Object.entries(versions).filter(([, version]) => version !== undefined);
  const parts = new Set(known.map(([part, version]) => `${part.split(' ')[0]} ${version}`));
  return wrapped(`Versions: ${[...parts].join(', ')}.`);
}

/** Breaks a line of prose between words. */
const wrapped = (text) => text.replaceAll(/(.{1,115})(?: |$)/g, '$1\n').trimEnd();

const line = (cells) => `| ${cells.join(' | ')} |`;

function table([head, ...rows]) {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Writes the short table into README.md and the full ones into docs/compatibility.md. */
export async function writePages(results, versions) {
  await writePart('README.md', compactTable(results, versions));
  await writePart('docs/compatibility.md', fullTables(results, versions));
}

async function writePart(name, part) {
  const file = join(root, name);
  const page = await readFile(file, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to === -1) throw new Error(`${name} has lost its markers.`);
  const text = `${page.slice(0, from)}${BEGIN}\n\n${part}\n\n${page.slice(to)}`;
  const options = await resolveConfig(file);
  await writeFile(file, await format(text, { ...options, parser: 'markdown' }));
}
