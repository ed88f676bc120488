import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Page, pages, root } from './page.js';

const others = ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'];
const samples = readdirSync(join(root, 'sample'))
  .map((name) => `sample/${name}/README.md`)
  .filter((name) => existsSync(join(root, name)));

/** Returns the problem of a link from a page to a place below the root. */
function problemOf(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const name = path === '' ? page : normalize(join(dirname(page), path)).replaceAll('\\', '/');
  const file = join(root, name);
  if (!existsSync(file)) return 'has no target';
  if (anchor === undefined) return undefined;
  if (!statSync(file).isFile() || !name.endsWith('.md')) return 'has an anchor but is not a page';
  const { headings } = new Page(name);
  return headings.some((heading) => heading.anchor === anchor)
    ? undefined
    : 'has an unknown anchor';
}

describe('links of the docs', () => {
  it.each([...pages, ...[...others, ...samples].map((name) => new Page(name))])(
    'every relative link in $name resolves',
    (page) => {
      const broken = page
        .links()
        .filter(({ target }) => !/^[a-z]+:/.test(target))
        .map(({ target, line }) => ({ target, line, problem: problemOf(page.name, target) }))
        .filter(({ problem }) => problem !== undefined);
      expect(broken).toEqual([]);
    },
  );

  it('every page of docs/ that a comment in lib/ names exists', () => {
    const named = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = readFileSync(join(root, 'lib', name), 'utf8');
        return [...text.matchAll(/\bdocs\/[\w/-]+\.md(?:#[\w-]+)?/g)].map(([target]) => ({
          name,
          target,
        }));
      });
    expect(named.filter(({ target }) => problemOf('README.md', target) !== undefined)).toEqual([]);
  });
});

describe('the index of docs/', () => {
  it('the index of docs/ links to every page', () => {
    const index = new Page('docs/README.md');
    const linked = index.links().map(({ target }) => `docs/${target.split('#')[0]}`);
    const all = pages.map(({ name }) => name).filter((name) => name.startsWith('docs/'));
    expect(all.filter((name) => name !== index.name && !linked.includes(name))).toEqual([]);
  });
});
