/** The combinations that every application may have, each compiled by `tsc`. */
export const dimensions = {
  nest: ['11', '12'],
  module: ['esm', 'cjs'],
  typescript: ['5.4', 'newest'],
  adapter: ['express', 'fastify'],
  node: ['20', '22', '24', 'newest'],
};

/**
 * Other ways to build, install and run an application: what it is called, and the module system per major version of
 * Nest, if not that of `nest new`.
 */
export const setups = {
  'nest-build': { title: '`nest build` with the compiler of `nest new`' },
  'nest-swc': { title: '`nest build --builder swc`' },
  'nest-webpack': { title: '`nest build --builder webpack`', module: 'cjs' },
  monorepo: { title: 'Monorepo of the Nest CLI: an application and a library', module: 'cjs' },
  esbuild: { title: 'One file bundled and minified by esbuild' },
  ncc: { title: 'One file bundled and minified by ncc' },
  pnpm: { title: 'pnpm with `strictPeerDependencies`' },
  'yarn-pnp': { title: "Yarn Plug'n'Play in strict mode" },
  bun: { title: 'Bun, from the TypeScript source', module: 'esm' },
  deno: { title: 'Deno, from the TypeScript source', module: 'esm' },
  container: {
    title: 'Container: read-only files, no `HOME`, no writable `TMPDIR`, an unknown user',
  },
};

/** What `nest new` of that major version generates. */
const generatedModule = { 11: 'cjs', 12: 'esm' };

/** The cells of `npm run matrix -- short`, which no other check of CI covers: on Nest 12 with Fastify. */
const short = [
  { setup: 'pnpm' },
  { setup: 'yarn-pnp' },
  { setup: 'bun' },
  { setup: 'deno' },
  { setup: 'container' },
  { setup: 'tsc', module: 'cjs', typescript: 'newest', node: 'newest' },
].map((cell) => ({ nest: '12', adapter: 'fastify', ...cell }));

function* tscCells() {
  for (const typescript of dimensions.typescript)
    for (const module of dimensions.module)
      for (const node of dimensions.node)
        for (const adapter of dimensions.adapter)
          for (const nest of dimensions.nest)
            yield { setup: 'tsc', nest, module, typescript, adapter, node };
}

function* setupCells() {
  for (const setup of Object.keys(setups))
    for (const adapter of dimensions.adapter)
      for (const nest of dimensions.nest) {
        const module = setups[setup].module ?? generatedModule[nest];
        yield { setup, nest, module, typescript: 'own', adapter, node: '24' };
      }
}

/** Every cell. Neighbors differ in Nest, so that the first two install side by side. */
export const allCells = [...tscCells(), ...setupCells()];

/**
 * The cells that the arguments select: `short`, or values by dimension, as in `nest=12 node=20,22 setup=tsc`.
 *
 * @param {readonly string[]} args
 */
export function select(args) {
  const isShort = args.includes('short');
  const wanted = args.filter((arg) => arg !== 'short').map((arg) => arg.split('='));
  for (const [name, values = ''] of wanted) {
    if (!(name in allCells[0]))
      throw new Error(`Cells have no ${name}. Known: ${Object.keys(allCells[0]).join(', ')}`);
    const known = new Set(allCells.map((cell) => cell[name]));
    const unknown = values.split(',').find((value) => !known.has(value));
    if (unknown !== undefined)
      throw new Error(`No cell has ${name}=${unknown}. Known: ${[...known].join(', ')}`);
  }
  const isWanted = (cell) =>
    wanted.every(([name, values]) => values.split(',').includes(cell[name]));
  return allCells.filter((cell) => isWanted(cell) && (!isShort || isInShort(cell)));
}

const isInShort = (cell) =>
  short.some((wanted) => Object.entries(wanted).every(([name, value]) => cell[name] === value));

export const titleOf = (cell) =>
  Object.entries(cell)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
