import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Application } from './application.js';
import { type Block, type Page, pages } from './page.js';

const TIMEOUT = { timeout: 20_000, interval: 100 };

/** The sections with named source files. Together with the workspace files of their page they are whole applications. */
const examples = pages.flatMap((page) => {
  const named = page.blocks.filter(({ file }) => file !== undefined);
  const sources = named.filter(({ language }) => language === 'ts');
  return [...new Set(sources.map(({ section }) => section))].map((section) => ({
    page,
    section,
    files: named.filter((block) => block.language === 'json' || block.section === section),
  }));
});

it('the docs contain examples with commands', () => {
  expect(examples.length).toBeGreaterThan(0);
  expect(examples.flatMap(({ page, section }) => stepsOf(page, section)).length).toBeGreaterThan(0);
});

describe.each(examples)('the example $section of $page.name', ({ page, section, files }) => {
  let application: Application;

  beforeAll(async () => {
    application = await Application.create(files);
  });

  afterAll(() => application.end());

  it('the example compiles', async () => {
    expect(await application.compile()).toEqual([]);
  });

  it('the commands of the example print the stated output', async () => {
    for (const step of stepsOf(page, section)) await step(application);
  }, 90_000);
});

type Step = (application: Application) => Promise<void>;

/** The steps of a section in order: commands with their output, and `Change … to … in …`. */
function stepsOf(page: Page, section: string): Step[] {
  const edits = page.prose
    .filter((line) => line.section === section)
    .flatMap(({ text, line }) =>
      [...text.matchAll(/Change `([^`]+)` to `([^`]+)` in `([^`]+)`/g)].map(
        ([, from, to, file]) => ({
          line,
          step: (application: Application) => application.edit(file!, from!, to!),
        }),
      ),
    );
  const commands = page.blocks
    .filter((block) => block.section === section && block.language === 'console')
    .flatMap((block) => commandsOf(block).map((step) => ({ line: block.line, step })));
  return [...edits, ...commands]
    .sort((one, other) => one.line - other.line)
    .map(({ step }) => step);
}

function commandsOf({ code, page, line }: Block): Step[] {
  return code
    .split(/^\$ /m)
    .filter(Boolean)
    .map((text) => {
      const [command = '', ...expected] = text.trimEnd().split('\n');
      const place = `${page}, line ${line}: ${command}`;
      return async (application) => {
        // An edit takes effect within a moment.
        await vi.waitFor(async () => {
          expect(await application.print(command), place).toBe(expected.join('\n'));
        }, TIMEOUT);
      };
    });
}
