// Prints the last line of CI: the totals of the vitest JSON reports in a folder.
// Usage: node sum-reports.mjs <folder> <exit code of the run>
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [folder, exitCode] = process.argv.slice(2);
const reports = existsSync(folder)
  ? readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  : [];
const sum = (...counts) =>
  reports.reduce((total, report) => counts.reduce((t, count) => t + report[count], total), 0);

const passed = sum('numPassedTests');
const skipped = sum('numPendingTests', 'numTodoTests');
let failed = sum('numFailedTests');
// Without a failed test, another step failed.
if (exitCode !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
