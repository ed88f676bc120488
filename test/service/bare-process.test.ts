import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { Child } from '../support/child-process.js';
import { envelopeOf } from '../support/delivery-server.js';
import { optionsFor, serve } from '../support/networked.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';

const script = fileURLToPath(new URL('./support/bare-process.mjs', import.meta.url));
const SURROUNDINGS = ['no home directory', 'a deleted working directory'] as const;
const isRoot = process.geteuid?.() === 0;

async function outputIn(
  surroundings: (typeof SURROUNDINGS)[number],
  options: QuonfigModuleOptions,
): Promise<string> {
  const child = Child.node([script, surroundings], {
    env: { QUONFIG_TEST_OPTIONS: JSON.stringify(options) },
  });
  expect(await child.ended, child.output).toEqual({ code: 0, signal: null });
  return child.stdout;
}

function directory(): QuonfigModuleOptions {
  const workspace = createWorkspace({ configs: [stringConfig('greeting', 'hello')] });
  onTestFinished(() => workspace.cleanup());
  chmodSync(workspace.path, 0o755);
  return { datadir: workspace.path, environment: 'production', dataDirAutoReload: true };
}

describe('unusual surroundings', { timeout: 60_000 }, () => {
  // Only root may become a user that has no home directory.
  for (const surroundings of SURROUNDINGS.filter((one) => isRoot || one !== 'no home directory')) {
    it.each([true, false])(
      `a service with a watched datadir starts in a process with ${surroundings} and enableQuonfigUserContext %s`,
      async (enableQuonfigUserContext) => {
        const options = { ...directory(), enableQuonfigUserContext };
        expect(await outputIn(surroundings, options)).toBe('hello');
      },
    );

    it(`a service over the network starts in a process with ${surroundings}`, async () => {
      const server = await serve({ envelope: envelopeOf({ values: { greeting: 'hello' } }) });
      expect(await outputIn(surroundings, optionsFor(server))).toBe('hello');
    });
  }

  it.each(['datadir', 'datafile'] as const)(
    'a relative %s is reported as such when the working directory no longer exists',
    async (option) => {
      const options = { [option]: 'workspace', environment: 'production', dataDirAutoReload: true };
      const output = await outputIn('a deleted working directory', options);
      expect(output).toContain('invalid_workspace: workspace: ');
      expect(output).toContain(
        'The path "workspace" is relative to the working directory, which no longer exists.',
      );
    },
  );
});
