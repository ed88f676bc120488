import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { assets, pageHtml } from '../../lib/inspector/assets.js';

const { pageAssets } = (await import(
  new URL('../../scripts/inspector-page.mjs', import.meta.url).href
)) as { pageAssets: () => Promise<string> };

describe('the files of the page', () => {
  it('the files are those that page/ compiles to', async () => {
    const file = new URL('../../lib/inspector/page-assets.ts', import.meta.url);
    expect(await readFile(file, 'utf8')).toBe(await pageAssets());
  });

  it('the files take less than 150 kB compressed', () => {
    const texts = [pageHtml('./'), ...Object.values(assets).map(({ text }) => text)];
    const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(bytes).toBeLessThan(150_000);
  });

  it('the page has no inline script or style and loads nothing from elsewhere', () => {
    const html = pageHtml('./quonfig/');
    expect(html).not.toMatch(/<script>|<style|\son\w+=|style=/);
    for (const [, url] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(url).toMatch(/^\.\/quonfig\/assets\//);
    }
  });

  it('the script contains the license of the library that is bundled into it', () => {
    const script = Object.values(assets).find(({ file }) => file.endsWith('.js'))!;
    expect(script.text).toContain('The MIT License');
    expect(script.text).toContain('preact');
  });
});
