import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

/** The options that every bench accepts: `--check` fails when a target is missed, `--json` prints the whole result. */
export const commandLine = () =>
  parseArgs({ options: { check: { type: 'boolean' }, json: { type: 'boolean' } } }).values;

/** Prints rows under a heading, columns as wide as they need to be: the first to the left, the others to the right. */
export function printTable(
  /** @type {string} */ title,
  /** @type {string[]} */ heads,
  /** @type {string[][]} */ rows,
) {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column].length)),
  );
  const line = (/** @type {string[]} */ cells) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd();
  console.log(
    `\n${title}\n  ${line(heads)}\n  ${widths.map((width) => '─'.repeat(width)).join('  ')}`,
  );
  for (const row of rows) console.log(`  ${line(row)}`);
}

export const machine = () => ({
  node: process.version,
  cpu: cpus()[0].model,
  cpus: cpus().length,
});

/**
 * Ends the command: the whole result as JSON, or the targets that were missed; with `check` a miss is a failure.
 * @param {{ json?: boolean, check?: boolean }} options
 * @param {object} result
 * @param {string[]} misses
 */
export function conclude({ json, check }, result, misses) {
  if (json) console.log(JSON.stringify({ ...machine(), ...result, misses }, null, 2));
  else if (misses.length === 0) console.log('\nEvery target is met.');
  else console.log(`\nTargets missed:\n${misses.map((miss) => `  - ${miss}`).join('\n')}`);
  if (check && misses.length > 0) process.exitCode = 1;
}
