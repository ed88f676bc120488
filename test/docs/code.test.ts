import { beforeAll, describe, expect, it } from 'vitest';
import { pages, placeOf } from './page.js';
import { type Findings, findingsIn } from './snippets.js';

const blocks = pages
  .flatMap((page) => page.blocks)
  .filter(({ language, file }) => language === 'ts' && file === undefined);

// A block that adds to the package's types would change them for all others.
const plain = blocks.filter(({ code }) => !code.includes('declare module'));
const augmenting = blocks.filter((block) => !plain.includes(block));

const findings = new Map<(typeof blocks)[number], readonly string[]>();

beforeAll(async () => {
  const all: Findings[] = [await findingsIn(plain)];
  for (const block of augmenting) all.push(await findingsIn([block]));
  for (const some of all) for (const [block, texts] of some) findings.set(block, texts);
}, 120_000);

describe('a block of TypeScript compiles, and gives what it says', () => {
  it.each(blocks.map((block) => [placeOf(block), block] as const))('%s', (_, block) => {
    expect(findings.get(block) ?? []).toEqual([]);
  });
});
