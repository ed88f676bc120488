// Runs real applications on the packed package in every supported combination, and prints a table of the results.
// Usage: npm run matrix -- [short] [nest=12] [node=20,22] [setup=pnpm] … [fresh] [--write]
// `short`: the cells of CI; `fresh`: installs everything again; `--write`: updates README.md and docs/compatibility.md.
import { withLock } from './lock.mjs';
import { select, titleOf } from './matrix/cells.mjs';
import { drive } from './matrix/drive.mjs';
import { cache, Lab } from './matrix/lab.mjs';
import { makers } from './matrix/setups/index.mjs';
import { compactTable, fullTables, writePages } from './matrix/tables.mjs';
import { versionsIn } from './matrix/versions.mjs';

const CONCURRENCY = 2;
/** A line of a stack trace helps nobody who reads a table. */
const REASON_LINES = 12;

const args = process.argv.slice(2);
const flag = (name) => args.includes(name);
const selectors = args.filter((arg) => arg !== '--write' && arg !== 'fresh');
if (flag('--write') && selectors.length > 0) throw new Error('--write needs every cell.');
const cells = select(selectors);
// Ends the running applications, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await withLock(cache, 'matrix', main);

async function main() {
  const started = performance.now();
  const lab = await Lab.open({ fresh: flag('fresh') });
  try {
    const results = await runAll(lab);
    const versions = await versionsIn(lab);
    if (selectors.length === 0)
      console.log(`\n${compactTable(results, versions)}\n\n${fullTables(results, versions)}\n`);
    if (flag('--write')) await writePages(results, versions);
    const failed = results.filter(({ reason }) => reason !== undefined).length;
    console.log(`Took ${Math.round((performance.now() - started) / 1000)} s`);
    console.log(`${results.length - failed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    await lab.close();
  }
}

async function runAll(lab) {
  const waiting = [...cells];
  const results = [];
  const work = async () => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      results.push(await resultOf(lab, cell));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return results;
}

/** The cell, and why it fails. */
async function resultOf(lab, cell) {
  const started = performance.now();
  let reason;
  try {
    await drive(await makers[cell.setup](lab, cell), cell);
  } catch (error) {
    reason = error.message.trim().split('\n').slice(0, REASON_LINES).join('\n');
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${reason === undefined ? 'ok  ' : 'FAIL'} ${titleOf(cell)} (${seconds} s)`);
  if (reason !== undefined) console.log(reason.replace(/^/gm, '     '));
  return { cell, reason };
}
