import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, pages, placeOf } from '../../docs/page.js';
import { Consumer, pack, root } from '../consumer.js';

/** The first paragraph of a page names what its "Before" halves import: For `unleash-client` 6.12.1. */
const NAMED = /`([^`]+)` (\d+\.\d+\.\d+)/g;

/** This one cannot be installed from the npm registry, and its page says so. */
const unavailable = 'docs/migrating/quonfig-node.md';

const origins = pages.filter(({ name }) => name.startsWith('docs/migrating/'));
const before = origins
  .flatMap((page) => page.blocks)
  .filter(({ half, page }) => half !== undefined && half !== 'After' && page !== unavailable);

/** `name@version` of every package that a page names before its first section. */
const packages = [
  ...new Set(
    origins
      .filter(({ name }) => name !== unavailable)
      .flatMap((page) => page.prose.filter(({ section }) => section === page.headings[0]!.text))
      .flatMap(({ text }) =>
        [...text.matchAll(NAMED)].map(([, name, version]) => `${name}@${version}`),
      ),
  ),
];

/** These pages are about applications on Nest 11, which every one of the packages accepts. */
const nest = ['common', 'core', 'platform-express', 'testing'].map((name) => `@nestjs/${name}@11`);

const compilerOptions = {
  target: 'ES2022',
  module: 'NodeNext',
  types: ['node'],
  noEmit: true,
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
};

let folder: string;
let consumer: Consumer;
const findings = new Map<Block, string[]>();

beforeAll(async () => {
  const blocks = before.map(({ code }, index) => [
    `src/block-${index}.ts`,
    `${code}\nexport {};\n`,
  ]);
  consumer = await Consumer.create({
    'package.json': '{ "private": true, "type": "module" }',
    'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
    ...(Object.fromEntries(blocks) as Record<string, string>),
  });
  folder = await mkdtemp(join(tmpdir(), 'quonfig-tarball-'));
  await consumer.install([
    await pack(folder),
    ...packages,
    ...nest,
    '@types/node@20',
    'reflect-metadata@0.2',
    'rxjs@7',
  ]);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const printed = await consumer
    .run(process.execPath, [tsc, '--pretty', 'false'])
    .catch((error: Error) => error.message);
  for (const line of printed.split('\n')) {
    const block = before[Number(/^src\/block-(\d+)\.ts/.exec(line)?.[1] ?? -1)];
    if (block !== undefined) findings.set(block, [...(findings.get(block) ?? []), line]);
    else if (/error TS/.test(line)) throw new Error(line);
  }
});

afterAll(async () => {
  await consumer?.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('the code before a migration', () => {
  it.each(before.map((block) => [placeOf(block), block] as const))(
    'the block compiles with the version that its page names: %s',
    (_, block) => {
      expect(findings.get(block) ?? []).toEqual([]);
    },
  );

  it.each(origins.map(({ name }) => name).filter((name) => name !== unavailable))(
    'the page has code before a migration: %s',
    (name) => {
      expect(before.some(({ page }) => page === name)).toBe(true);
    },
  );
});
