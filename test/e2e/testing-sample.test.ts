import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { root } from '../docs/page.js';

const run = promisify(execFile);
const sample = join(root, 'sample', '06-testing');

/** The environment without what this run of Vitest has set. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV|TEST|MODE|DEV|PROD)/.test(name),
  ),
);

describe('sample/06-testing', () => {
  it('the tests of the sample pass', async () => {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const { stdout } = await run(process.execPath, [vitest, 'run', '--reporter=json'], {
      cwd: sample,
      env,
    });
    expect(JSON.parse(stdout.slice(stdout.indexOf('{"num')))).toMatchObject({
      success: true,
      numFailedTests: 0,
      numPassedTestSuites: expect.any(Number),
      numPassedTests: 15,
    });
  }, 120_000);

  it('the sources and tests of the sample compile', async () => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await run(process.execPath, [tsc, '-p', sample], { env });
  }, 60_000);
});
