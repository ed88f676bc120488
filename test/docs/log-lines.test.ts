import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { complete, others } from './log-lines.js';
import { pageNamed, root } from './page.js';

const folders = [
  'delivery',
  'sources/cluster',
  'sources/http',
  'sources/stream',
  'sources/poll',
  'persistence',
  'telemetry',
];
const page = pageNamed('docs/operations.md');
// Each has a level, the message, and on the next line an explanation.
const quoted = page
  .paragraphs('Log messages')
  .filter((text) => text.startsWith('**'))
  .map((text) => /^\*\*(?:debug|info|warn|error)\*\*[^`]*: `([^`]+)`\\ \S/.exec(text)?.[1] ?? text);
const reasons = page
  .items('Failure reasons')
  .map((item) => /^`([^`]+)`(?:, `[^`]+`)*[^`]*: \S/.exec(item)?.[1] ?? item);
const stated = [...quoted, ...reasons].map((line) => ({ line, pattern: patternOf(line) }));

/** `…` stands for anything. */
function patternOf(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

const all = Object.entries(complete).flatMap(([file, messages]) =>
  Object.entries(messages).map(([name, texts]) => [name, file, texts] as const),
);

describe('the log lines that docs/operations.md explains', () => {
  it.each(all)('docs/operations.md explains %s of %s', (_name, _file, texts) => {
    const missing = texts.filter((text) => !stated.some(({ pattern }) => pattern.test(text)));
    expect(texts.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it('docs/operations.md explains the other log lines that operators see', () => {
    const missing = others.filter((text) => !stated.some(({ pattern }) => pattern.test(text)));
    expect(missing).toEqual([]);
  });

  it('every log line of docs/operations.md exists', () => {
    const texts = [...all.flatMap(([, , some]) => some), ...others];
    const unknown = stated
      // System error codes are not written by this library.
      .filter(({ line }) => !line.startsWith('ECONNREFUSED'))
      .filter(({ pattern }) => !texts.some((text) => pattern.test(text)));
    expect(unknown.map(({ line }) => line)).toEqual([]);
  });

  it('the list of messages of delivery, sources, persistence and telemetry is complete', async () => {
    const files = folders.flatMap((folder) =>
      readdirSync(join(root, 'lib', folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.messages.ts'))
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
    );
    expect(Object.keys(complete).sort()).toEqual(files.sort());
    for (const file of files) {
      const messages = (await import(pathToFileURL(join(root, 'lib', file)).href)) as Record<
        string,
        unknown
      >;
      expect(Object.keys(complete[file]!).sort(), file).toEqual(Object.keys(messages).sort());
    }
  });
});
