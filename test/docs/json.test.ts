import { afterAll, describe, expect, it } from 'vitest';
import { type Envelope, QuonfigService } from '../../lib/index.js';
import { createWorkspace, type WorkspaceDocument } from '../support/workspace.js';
import { pages, placeOf } from './page.js';

const withJson = pages
  .map(({ name, blocks }) => ({
    name,
    blocks: blocks.filter(({ language }) => language === 'json'),
  }))
  .filter(({ blocks }) => blocks.length > 0);

describe.each(withJson)('the JSON of $name', ({ blocks }) => {
  const workspace = createWorkspace();
  afterAll(() => workspace.cleanup());

  it.each(blocks.map((block) => [placeOf(block), block.code] as const))(
    'the block is valid JSON: %s',
    (_, code) => {
      expect(() => JSON.parse(code) as unknown).not.toThrow();
    },
  );

  it('the configs and envelopes of the page load without a warning', async () => {
    const values = blocks.map(({ code }) => JSON.parse(code) as Record<string, unknown>);
    for (const value of values) {
      if (typeof value['key'] === 'string') workspace.write(value as WorkspaceDocument);
    }
    const envelopes = values.filter(({ meta }) => typeof meta === 'object');
    const files = values.some(({ key }) => typeof key === 'string');
    const sources = [
      ...(files ? [{ datadir: workspace.path, environment: 'production' }] : []),
      ...envelopes.map((envelope) => ({ datafile: envelope as unknown as Envelope })),
    ];
    for (const source of sources) {
      const warnings: string[] = [];
      const warn = (message: string): void => void warnings.push(message);
      const service = await QuonfigService.create({ ...source, logger: { warn, error: warn } });
      for (const key of service.keys()) service.explain(key, { user: { key: 'user-1' } });
      await service.close();
      expect(warnings).toEqual([]);
    }
  });
});
