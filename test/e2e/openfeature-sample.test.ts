import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Page, root } from '../docs/page.js';
import { START_TIMEOUT_MS, WorkspaceCopy } from './quickstart-support.js';
import { printedBy, statedBy } from './readme-commands.js';
import { RunningSample } from './running-sample.js';

const README = 'sample/07-openfeature/README.md';
const PAGE_SIZE = 'configs/catalog.page-size.json';
const TIMEOUT = { timeout: 15_000 };

describe('sample/07-openfeature', () => {
  let workspace: WorkspaceCopy;
  let sample: RunningSample;

  const catalogOf = async (user: string): Promise<{ pageSize: number }> => {
    const response = await fetch(`${sample.url}/catalog`, { headers: { 'x-user': user } });
    return (await response.json()) as { pageSize: number };
  };

  beforeAll(async () => {
    workspace = await WorkspaceCopy.create(join(root, 'sample', '07-openfeature', 'workspace'));
    sample = await RunningSample.start('demo:openfeature', { QUONFIG_DIR: workspace.path });
  }, START_TIMEOUT_MS + 10_000);

  afterAll(async () => {
    await sample?.stop('SIGKILL');
    await workspace?.remove();
  });

  it('the commands in the README print the output that it shows', async () => {
    const page = new Page(README);
    expect(statedBy(page)).toHaveLength(7);
    expect(await printedBy(page, { 'http://127.0.0.1:3007': sample.url })).toEqual(statedBy(page));
  });

  it('the hook and onTrack log the lines that the README shows', async () => {
    const [stated] = new Page(README).blocks.filter(({ language }) => language === 'text');
    const lines = stated!.code.trim().split('\n');
    expect(lines).toHaveLength(2);
    await catalogOf('anna');
    await fetch(`${sample.url}/orders`, { method: 'POST' });
    await vi.waitFor(() => {
      for (const line of lines) expect(sample.output).toContain(line);
    }, TIMEOUT);
  });

  it('200 concurrent requests of two users are each evaluated for their own user', async () => {
    const users = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? 'anna' : 'ben'));
    const catalogs = await Promise.all(users.map(catalogOf));
    const expected = users.map((user) => (user === 'anna' ? 50 : 20));
    expect(catalogs.map(({ pageSize }) => pageSize)).toEqual(expected);
  });

  it('an edited config emits an event and applies to the next request', async () => {
    await workspace.edit(PAGE_SIZE, '"value": "50"', '"value": "60"');
    await vi.waitFor(async () => {
      expect(sample.output).toContain('[Flags] Changed: catalog.page-size');
      expect((await catalogOf('anna')).pageSize).toBe(60);
    }, TIMEOUT);
  });

  it(
    'the sample exits at SIGTERM',
    async () => {
      await sample.stop('SIGTERM');
      await expect(fetch(sample.url)).rejects.toThrow();
    },
    START_TIMEOUT_MS,
  );
});
