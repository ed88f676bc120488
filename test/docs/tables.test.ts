import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROPERTY_CHECKS } from '../../lib/evaluation/checks.js';
import * as quonfig from '../../lib/index.js';
import { OPTION_ROWS, OPTIONS } from '../../lib/options/option-table.js';
// The generator is a script, so the page can be updated without running tests.
import { optionsPage } from '../../scripts/options-page.mjs';
import { resolveOptions } from '../../lib/options/index.js';
import { Page, pageNamed, pages, root } from './page.js';

const options = Object.keys(OPTIONS);
const reads = Object.getOwnPropertyNames(quonfig.BoundQuonfig.prototype);
const own = [quonfig.ServiceState, quonfig.QuonfigService].flatMap((type) =>
  Object.getOwnPropertyNames(type.prototype),
);
const privateMembers = new Set(
  ['bound-quonfig.ts', 'quonfig.service.ts'].flatMap((name) =>
    [...readFileSync(join(root, 'lib', 'client', name), 'utf8').matchAll(/^  private (\w+)/gm)].map(
      ([, member]) => member!,
    ),
  ),
);
const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'lib', name), 'utf8'));

const withoutProperty = ['ALWAYS_TRUE', 'IN_SEG', 'NOT_IN_SEG', 'NOT_SET'];
const operators = new Set([...PROPERTY_CHECKS.keys(), ...withoutProperty]);

/** Class and code of every error. `QuonfigError` itself appears with every code it is thrown with. */
function errors(): Set<string> {
  const classes = Object.values(quonfig).filter(
    (value): value is typeof quonfig.QuonfigError =>
      typeof value === 'function' && quonfig.QuonfigError.isPrototypeOf(value),
  );
  const thrownAsIs = sources.flatMap((text) =>
    [...text.matchAll(/new QuonfigError\(\s*'(\w+)'/g)].map(([, code]) => code!),
  );
  return new Set([
    ...classes.map((type) => {
      // Stands for whatever a constructor takes: a string, a list, or the report of a load.
      const empty = Object.assign([], { causes: [], replace: () => '' });
      const { name, code } = new (type as new (...given: unknown[]) => quonfig.QuonfigError)(
        empty,
        empty,
      );
      return `${name}: ${code}`;
    }),
    ...thrownAsIs.map((code) => `QuonfigError: ${code}`),
  ]);
}

describe('the migration pages', () => {
  const migrating = pages.filter(({ name }) => name.startsWith('docs/migrating'));

  it.each(migrating)('every operator that $name names exists', ({ name }) => {
    const text = readFileSync(join(root, name), 'utf8');
    const named = new Set(text.match(/\b(PROP_[A-Z_]+|(NOT_)?IN_SEG|IS_(NOT_)?PRESENT)\b/g));
    expect([...named].filter((operator) => !operators.has(operator))).toEqual([]);
  });
});

describe('the option table', () => {
  it('docs/options.md matches the option table; run `npm run docs:options` to update the page', () => {
    const words = (text: string): string => text.replaceAll(/\s+/g, ' ');
    const page = readFileSync(join(root, 'docs/options.md'), 'utf8');
    expect(words(page)).toBe(words(optionsPage(page, OPTIONS)));
  });

  it('the docstrings of QuonfigModuleOptions match the option table', () => {
    const source = readFileSync(join(root, 'lib/interfaces/quonfig-options.interface.ts'), 'utf8');
    const members = source.slice(source.indexOf('export interface QuonfigModuleOptions'));
    const documented = new Map(
      [...members.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s+(\w+)\?:/g)].map(([, text, name]) => [
        name!,
        text!
          .replaceAll(/\n\s*\*/g, ' ')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      ]),
    );
    expect([...documented.keys()]).toEqual(options);
    for (const [name, row] of OPTION_ROWS) {
      expect(documented.get(name), name).toContain(row.description);
      if (row.default !== undefined) {
        expect(documented.get(name), name).toContain(
          `${row.variable === undefined ? 'Default:' : 'else'} \`${JSON.stringify(row.default)}\`.`,
        );
      }
      if (row.variable !== undefined) expect(documented.get(name), name).toContain(row.variable);
    }
  });

  it('the option table has the defaults of resolveOptions', () => {
    const logger = { warn() {}, error() {} };
    const { network, telemetry, ...others } = resolveOptions({ sdkKey: 'qf_sk_test', logger }, {});
    const resolved = { ...others, ...network, ...(telemetry as object) } as Record<string, unknown>;
    resolved['domain'] = network!.addresses.apiUrls[0].replace('https://primary.', '');
    const rows = [...OPTION_ROWS].filter(([, row]) => row.default !== undefined);
    expect(rows.length).toBeGreaterThan(20);
    for (const [name, row] of rows) expect(resolved[name], name).toBe(row.default);
  });
});

describe('the errors in docs/errors.md', () => {
  it('docs/errors.md lists every error with its class and code', () => {
    // An item has the class, the code, when it is thrown, and the fix.
    const documented = pageNamed('docs/errors.md')
      .items('Errors')
      .map((item) => {
        const [, type, code] = /^`(\w+)` \(`(\w+)`\): \S.* \*\*Fix:\*\* \S/.exec(item) ?? [];
        return type === undefined ? item : `${type}: ${code}`;
      });
    expect(documented.sort()).toEqual([...errors()].sort());
  });
});

describe('the reference pages', () => {
  it('docs/evaluation.md lists every operator', () => {
    const rows = pageNamed('docs/evaluation.md').table('Operators');
    const stated = rows.flatMap(([cell = '']) => cell.match(/[A-Z][A-Z_]+/g) ?? []);
    const all = [...operators];
    expect(stated.sort()).toEqual(all.sort());
  });

  it.each(
    [...new Set([...reads, ...own])].filter(
      (name) => name !== 'constructor' && !privateMembers.has(name),
    ),
  )('the docs mention %s of the service', (member) => {
    expect(mentioned(member)).toBe(true);
  });

  it.each(Object.keys(quonfig))('the docs mention %s of the package', (name) => {
    expect(mentioned(name)).toBe(true);
  });

  function mentioned(name: string): boolean {
    const word = new RegExp(`\\b${name.replace('$', '\\$')}(?!\\w)`);
    return pages.some(({ prose }) => prose.some(({ text }) => word.test(text)));
  }
});

describe('commands in the docs', () => {
  const scriptsOf = (folder: string): string[] =>
    Object.keys(
      (
        JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
          scripts: Record<string, string>;
        }
      ).scripts,
    );
  const known = [...scriptsOf('.'), ...scriptsOf('bench')];

  it.each([...pages, new Page('bench/README.md')])(
    'every npm script that $name mentions exists',
    ({ prose, blocks }) => {
      const text = [...prose.map((line) => line.text), ...blocks.map(({ code }) => code)].join(
        '\n',
      );
      const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);
      expect(named.filter((script) => !known.includes(script))).toEqual([]);
    },
  );
});
