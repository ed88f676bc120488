import { createTestQuonfigFromRules, createTestQuonfigFromWorkspace } from 'nestjs-quonfig/testing';
import { expect, it } from 'vitest';
import { datadir } from '../src/workspace.js';

it('the published rules turn audiobooks on for the pro plan', async () => {
  const quonfig = await createTestQuonfigFromWorkspace(datadir, 'development');
  expect(quonfig.isEnabled('catalog.audiobooks', { user: { plan: 'pro' } })).toBe(true);
  expect(quonfig.isEnabled('catalog.audiobooks', { user: { plan: 'free' } })).toBe(false);
});

it('rules can be written in a test', () => {
  const quonfig = createTestQuonfigFromRules({
    'catalog.page-size': [{ when: { user: { plan: 'pro' } }, value: 50 }, { value: 10 }],
  });
  expect(quonfig.getNumber('catalog.page-size', { user: { plan: 'pro' } })).toBe(50);
  expect(quonfig.getNumber('catalog.page-size')).toBe(10);
});
