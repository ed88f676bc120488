import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCells, select, setups } from '../../scripts/matrix/cells.mjs';
import { drive } from '../../scripts/matrix/drive.mjs';
import { makers } from '../../scripts/matrix/setups/index.mjs';
import { compactTable, fullTables } from '../../scripts/matrix/tables.mjs';
import { root } from './consumer.js';

/** An application without Nest and without this package, as the matrix expects one. `FAULT` names what it does wrong. */
const application = `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { FAULT, WORKSPACE, DELIVERY_URL, SDK_KEY } = process.env;
const authorization = 'Basic ' + Buffer.from('1:' + SDK_KEY).toString('base64');
const greeting = (config, user) => config.default.rules[user === 'anna' ? 0 : 1].value.value;
const directory = () => JSON.parse(readFileSync(WORKSPACE + '/configs/greeting.json', 'utf8'));
const first = directory();
const server = createServer(async (request, response) => {
  const user = request.url.split('/').at(-1);
  const { configs } = await (await fetch(DELIVERY_URL + '/api/v2/configs', { headers: { authorization } })).json();
  const config = FAULT === 'no update' ? first : directory();
  const updated = FAULT === 'no handler' ? ['datadir'] : ['datadir', 'stream'];
  const value = FAULT === 'wrong value' ? 'Goodbye' : greeting(config, user);
  response.end(JSON.stringify({ directory: value, network: greeting(configs[0], user), updated }));
});
process.on('SIGTERM', () => {
  if (FAULT === 'no end') return;
  if (FAULT !== 'no hooks') console.log('stopped');
  process.exit(FAULT === 'exit code' ? 3 : 0);
});
if (FAULT === 'no start') throw new Error('It is broken.');
server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port));
`;

describe('the verdict of a cell', () => {
  let cwd: string;

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'quonfig-matrix-'));
    await writeFile(join(cwd, 'main.mjs'), application);
  });

  afterAll(() => rm(cwd, { recursive: true, force: true }));

  const verdictOn = (fault: string, deadlineMs?: number): Promise<void> => {
    const command = { file: process.execPath, args: ['main.mjs'], cwd, env: { FAULT: fault } };
    return drive(command, { deadlineMs });
  };

  it('an application that reads, follows an update and stops is accepted', async () => {
    await verdictOn('');
  });

  it.concurrent.each([
    ['no start', /^It does not start: it ends with 1\n[^]*It is broken\./],
    ['wrong value', /^It reads a wrong value: it reads \{"directory":"Goodbye".* for anna/],
    ['no update', /^It gets no update: it reads \{"directory":"Hello","network":"Welcome"/],
    ['no handler', /^Its handlers got: datadir\n/],
    ['no end', /^It does not stop on SIGTERM\n/],
    ['no hooks', /^Its shutdown hooks did not run/],
    ['exit code', /^It ends with exit code 3/],
  ])('the reason is named: %s', async (fault, reason) => {
    // Long enough for the steps that work, on a busy machine, too.
    await expect(verdictOn(fault, 6_000)).rejects.toThrow(reason);
  });
});

describe('the cells of the matrix', () => {
  it('every combination is a cell, and every setup has applications on both majors of Nest', () => {
    const compiled = allCells.filter(({ setup }) => setup === 'tsc');
    expect(new Set(compiled.map((cell) => JSON.stringify(cell))).size).toBe(2 * 2 * 4 * 2 * 2);
    for (const setup of Object.keys(setups)) {
      const majors = allCells.filter((cell) => cell.setup === setup).map(({ nest }) => nest);
      expect(new Set(majors)).toEqual(new Set(['11', '12']));
    }
  });

  it('every setup of the matrix can be generated', () => {
    expect(Object.keys(makers).sort()).toEqual(['tsc', ...Object.keys(setups)].sort());
  });

  it('arguments select cells by value, and an unknown value is refused', () => {
    const selected = select(['nest=12', 'node=20,22', 'adapter=fastify', 'module=cjs']);
    expect(selected).toHaveLength(4);
    expect(selected.every(({ nest, module }) => nest === '12' && module === 'cjs')).toBe(true);
    expect(select(['short']).length).toBeGreaterThan(3);
    expect(() => select(['node=18'])).toThrow('No cell has node=18. Known: 20, 22, 24, newest');
    expect(() => select(['color=red'])).toThrow(
      'Cells have no color. Known: setup, nest, module, typescript, adapter, node',
    );
  });
});

describe('the tables of the matrix', () => {
  const results = allCells.map((cell) => ({
    cell,
    reason: cell.setup === 'bun' && cell.nest === '11' ? 'It does not start\nBun' : undefined,
  }));

  it('a failure is counted, and the full table names its reason', () => {
    const row = compactTable(results, {}).split('\n')[2];
    expect(row).toBe(
      '| Nest 11 | 8 of 8 | 8 of 8 | 8 of 8 | 8 of 8 | 8 of 8 | 4 of 4 | 4 of 4 | 2 of 4 | 2 of 2 |',
    );
    const tables = fullTables(results, { 'Node newest': '26.1.0' });
    expect(tables).toMatch(
      /\| Bun, from the TypeScript source \| no \(1\) \| no \(2\) \| ok \| ok \|/,
    );
    expect(tables).toContain('1. It does not start\n2. It does not start');
    expect(tables).toContain('| Node 26 |');
  });

  it('README and docs/compatibility.md have a result for every cell', async () => {
    const page = (name: string): Promise<string> => readFile(join(root, name), 'utf8');
    const tables = rowsOf(await page('docs/compatibility.md'));
    const expected = rowsOf(fullTables(results, {}));
    expect(tables.map((row) => row.length)).toEqual(expected.map((row) => row.length));
    expect(tables.flat()).not.toContain('');
    for (const { title } of Object.values(setups)) expect(tables.flat()).toContain(title);
    const readme = rowsOf(await page('README.md')).filter(([first]) => first?.startsWith('Nest '));
    expect(readme).toHaveLength(2);
    expect(readme.flat()).not.toContain('');
  });
});

/** The cells of the rows of every table. */
function rowsOf(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ |-]*$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
