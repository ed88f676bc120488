import { beforeAll, describe, expect, it } from 'vitest';
import { pages, placeOf } from './page.js';
import { type Findings, findingsIn } from './snippets.js';

const all = pages
  .flatMap((page) => page.blocks)
  .filter(({ language, file }) => language === 'ts' && file === undefined);
// These use other libraries: test/package/registry/migrating.test.ts installs them and compiles these blocks.
const blocks = all.filter(({ half }) => half === undefined || half === 'After');

// A block that augments the package's types is checked alone, since it would affect all others.
const plain = blocks.filter(({ code }) => !code.includes('declare module'));
const augmenting = blocks.filter((block) => !plain.includes(block));

const findings = new Map<(typeof blocks)[number], readonly string[]>();

beforeAll(async () => {
  const parts: Findings[] = [await findingsIn(plain)];
  for (const block of augmenting) parts.push(await findingsIn([block]));
  for (const some of parts) for (const [block, texts] of some) findings.set(block, texts);
}, 120_000);

describe('TypeScript blocks of the docs', () => {
  it.each(blocks.map((block) => [placeOf(block), block] as const))(
    'the block compiles and returns the stated results: %s',
    (_, block) => {
      expect(findings.get(block) ?? []).toEqual([]);
    },
  );
});

describe('pairs of code', () => {
  it('every "Before" block is directly followed by an "After" block on the same page', () => {
    const halves = all.map((block, index) => [block, all[index + 1]] as const);
    const alone = halves.filter(
      ([{ half, page }, next]) =>
        half === 'Before' && (next?.half !== 'After' || next.page !== page),
    );
    expect(alone.map(([block]) => placeOf(block))).toEqual([]);
  });
});
