import { beforeAll, describe, expect, it } from 'vitest';
import { pages, placeOf } from './page.js';
import { type Findings, findingsIn } from './snippets.js';

const blocks = pages
  .flatMap((page) => page.blocks)
  .filter(({ language, file }) => language === 'ts' && file === undefined);

// A block that augments the package's types is checked alone, since it would affect all others.
const plain = blocks.filter(({ code }) => !code.includes('declare module'));
const augmenting = blocks.filter((block) => !plain.includes(block));

const findings = new Map<(typeof blocks)[number], readonly string[]>();

beforeAll(async () => {
  const all: Findings[] = [await findingsIn(plain)];
  for (const block of augmenting) all.push(await findingsIn([block]));
  for (const some of all) for (const [block, texts] of some) findings.set(block, texts);
}, 120_000);

describe('TypeScript blocks of the docs', () => {
  it.each(blocks.map((block) => [placeOf(block), block] as const))(
    'the block compiles and returns the stated results: %s',
    (_, block) => {
      expect(findings.get(block) ?? []).toEqual([]);
    },
  );
});
