import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('support/under-node-test.mjs', import.meta.url));

it('the service works under node:test and leaves nothing that keeps the process alive', async () => {
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', program]);
  expect(stdout).toMatch(/^# pass 5$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
}, 60_000);
