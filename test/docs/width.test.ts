import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Page, root } from './page.js';

const MAX_WIDTH = 160;

/** Folders whose Markdown nobody writes by hand. */
const skipped = new Set(['node_modules', 'dist', 'coverage', 'docs/api']);

/** Returns every Markdown file below a folder, as paths below the root. */
function markdownBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      const skip = entry.name === '.git' || skipped.has(entry.name) || skipped.has(path);
      return skip ? [] : markdownBelow(path);
    }
    return entry.isFile() && path.endsWith('.md') ? [path] : [];
  });
}

const files = markdownBelow('');

it('the repository has Markdown to check', () => {
  expect(files).toEqual(
    expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/README.md', 'bench/README.md']),
  );
});

it.each(files)('no line of %s is wider than 160 characters, except links and code', (name) => {
  const page = new Page(name);
  const withLink = new Set(page.links().map(({ line }) => line));
  const tooWide = page.prose
    .filter(({ text, line }) => [...text].length > MAX_WIDTH && !withLink.has(line))
    .map(({ line, text }) => `${name}:${line}: ${text.slice(0, 60)}…`);
  expect(tooWide).toEqual([]);
});
