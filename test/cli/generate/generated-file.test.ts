import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeGenerated } from '../../../cli/generate/generated-file.js';

it('writers with the same process id, as in two containers, do not disturb each other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quonfig-generated-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'flags.ts');
  const texts = Array.from({ length: 8 }, (_, index) => `// ${index}\n`.repeat(10_000));
  const written = texts.map((text) => writeGenerated({ path, text, keys: 0 }));
  expect(await Promise.all(written)).toEqual(texts.map(() => true));
  expect(texts).toContain(readFileSync(path, 'utf8'));
  expect(readdirSync(folder)).toEqual(['flags.ts']);
});
