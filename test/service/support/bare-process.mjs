// A process in unusual surroundings that creates a service, reads one value and prints what came of it.
import { mkdtempSync, rmdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { QuonfigService } from '../../../dist/index.js';

const [surroundings] = process.argv.slice(2);
/** A user that is not in the list of users, as containers with random user IDs have. */
const NOBODY_KNOWN = 54_321;
const silent = () => undefined;
const options = {
  ...JSON.parse(process.env.QUONFIG_TEST_OPTIONS),
  logger: { info: silent, warn: silent, error: silent },
};

const acts = {
  'no home directory': () => {
    delete process.env.HOME;
    process.setgroups([]);
    process.setgid(NOBODY_KNOWN);
    process.setuid(NOBODY_KNOWN);
    try {
      homedir();
    } catch {
      return;
    }
    throw new Error('This user has a home directory.');
  },
  'a deleted working directory': () => {
    const directory = mkdtempSync(join(tmpdir(), 'quonfig-'));
    process.chdir(directory);
    rmdirSync(directory);
  },
};

acts[surroundings]();
try {
  const service = await QuonfigService.create(options);
  process.stdout.write(service.getString('greeting'));
  await service.close();
} catch (error) {
  process.stdout.write(`${error.code}: ${error.message}`);
}
