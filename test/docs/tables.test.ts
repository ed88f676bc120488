import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROPERTY_CHECKS } from '../../lib/evaluation/checks.js';
import * as quonfig from '../../lib/index.js';
import { OPTION_RULES } from '../../lib/options/option-rules.js';
import { resolveOptions } from '../../lib/options/index.js';
import { Page, pageNamed, pages, root } from './page.js';

const options = Object.keys(OPTION_RULES);
const extras = ['isGlobal', 'name'];
const reads = Object.getOwnPropertyNames(quonfig.BoundQuonfig.prototype);
const own = Object.getOwnPropertyNames(quonfig.QuonfigService.prototype);
const inward = new Set(
  ['bound-quonfig.ts', 'quonfig.service.ts'].flatMap((name) =>
    [...readFileSync(join(root, 'lib', 'client', name), 'utf8').matchAll(/^  private (\w+)/gm)].map(
      ([, member]) => member!,
    ),
  ),
);
const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'lib', name), 'utf8'));

/** Class and code of every error, `QuonfigError` itself with the codes it is thrown with. */
function errors(): Set<string> {
  const classes = Object.values(quonfig).filter(
    (value): value is typeof quonfig.QuonfigError =>
      typeof value === 'function' && value.prototype instanceof quonfig.QuonfigError,
  );
  const thrownAsIs = sources.flatMap((text) =>
    [...text.matchAll(/new QuonfigError\(\s*'(\w+)'/g)].map(([, code]) => code!),
  );
  return new Set([
    ...classes.map((type) => {
      // Every constructor takes texts or lists of texts, and does with an empty list.
      const { name, code } = new (type as new (...given: unknown[]) => quonfig.QuonfigError)(
        [],
        [],
      );
      return `${name}: ${code}`;
    }),
    ...thrownAsIs.map((code) => `QuonfigError: ${code}`),
  ]);
}

describe.each(['README.md', 'docs/options.md'])('the options in %s', (name) => {
  const rows = pageNamed(name).table('Options');

  it('are all there are, and those of the module', () => {
    expect(rows.length).toBe(options.length + extras.length);
    expect(new Set(rows.map(([option]) => option))).toEqual(new Set([...options, ...extras]));
  });

  it('have the defaults that are in force', () => {
    const logger = { warn() {}, error() {} };
    const { network, ...others } = resolveOptions({ sdkKey: 'qf_sk_test', logger }, {});
    const defaults = { ...others, ...network };
    const known = ['sdkKey', 'enableQuonfigUserContext'];
    for (const [option = '', stated = ''] of rows) {
      const actual = (defaults as Record<string, unknown>)[option];
      if (!['boolean', 'number', 'string'].includes(typeof actual)) continue;
      // The one has no default, that of the other depends on a variable.
      if (known.includes(option)) continue;
      expect(stated, option).toBe(typeof actual === 'string' ? `'${actual}'` : String(actual));
    }
  });
});

describe.each(['README.md', 'docs/errors.md'])('the errors in %s', (name) => {
  it('are all there are, each with its class and code', () => {
    const rows = pageNamed(name).table('Errors');
    expect(new Set(rows.map(([type, code]) => `${type}: ${code}`))).toEqual(errors());
    expect(rows.filter((cells) => cells.slice(2).includes(''))).toEqual([]);
  });
});

describe('the reference', () => {
  it('has every operator', () => {
    const rows = pageNamed('docs/evaluation.md').table('Operators');
    const stated = rows.flatMap(([cell = '']) => cell.match(/[A-Z][A-Z_]+/g) ?? []);
    const all = [...PROPERTY_CHECKS.keys(), 'ALWAYS_TRUE', 'IN_SEG', 'NOT_IN_SEG', 'NOT_SET'];
    expect(stated.sort()).toEqual(all.sort());
  });

  it.each(
    [...new Set([...reads, ...own])].filter((name) => name !== 'constructor' && !inward.has(name)),
  )('names %s of the service', (member) => {
    expect(mentioned(member)).toBe(true);
  });

  it.each(Object.keys(quonfig))('names %s of the package', (name) => {
    expect(mentioned(name)).toBe(true);
  });

  function mentioned(name: string): boolean {
    const word = new RegExp(`\\b${name.replace('$', '\\$')}(?!\\w)`);
    return pages.some(({ prose }) => prose.some(({ text }) => word.test(text)));
  }
});

describe('a command that a page tells to run', () => {
  const scriptsOf = (folder: string): string[] =>
    Object.keys(
      (
        JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
          scripts: Record<string, string>;
        }
      ).scripts,
    );
  const known = [...scriptsOf('.'), ...scriptsOf('bench')];

  it.each([...pages, new Page('bench/README.md')])('is there: $name', ({ prose, blocks }) => {
    const text = [...prose.map((line) => line.text), ...blocks.map(({ code }) => code)].join('\n');
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => !known.includes(script))).toEqual([]);
  });
});
