import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pages } from '../../docs/page.js';
import { createWorkspace, type WorkspaceDocument } from '../../support/workspace.js';
import { runHere } from '../command-line.js';

const root = join(import.meta.dirname, '../../..');
const workspaces = readdirSync(join(root, 'sample'), { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path) === 'quonfig.json' && !path.includes('node_modules'))
  .map((path) => join('sample', dirname(path)));

async function problemsIn(datadir: string): Promise<string> {
  const { code, stdout } = await runHere(['verify', '--strict', '--datadir', datadir]);
  return code === 0 ? '' : stdout;
}

describe('verify accepts the workspaces and configs in samples and docs', () => {
  it('there are samples to check', () => {
    expect(workspaces.length).toBeGreaterThanOrEqual(8);
  });

  it.each(workspaces)('the workspace %s', async (workspace) => {
    expect(await problemsIn(join(root, workspace))).toBe('');
  });

  const documented = pages
    .map(({ name, blocks }) => ({
      name,
      documents: blocks
        .filter(({ language }) => language === 'json')
        .map(({ code }) => JSON.parse(code) as WorkspaceDocument)
        .filter(({ key, type }) => typeof key === 'string' && typeof type === 'string'),
    }))
    .filter(({ documents }) => documents.length > 0);

  it.each(documented)('the configs on the page $name', async ({ documents }) => {
    const environments = documents.flatMap(({ environments: entries }) =>
      ((entries ?? []) as { id: string }[]).map(({ id }) => id),
    );
    const workspace = createWorkspace({
      environments: [...new Set(['production', ...environments])],
      configs: documents,
    });
    onTestFinished(() => workspace.cleanup());
    expect(await problemsIn(workspace.path)).toBe('');
  });
});
