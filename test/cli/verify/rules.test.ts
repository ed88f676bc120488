import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it, onTestFinished } from 'vitest';
import { locate, type LocatedFinding } from '../../../cli/verify/located-finding.js';
import { RULES } from '../../../cli/verify/rules.js';
import { verifyWorkspace } from '../../../cli/verify/verify-workspace.js';
import { readWorkspace } from '../../../cli/workspace/workspace-files.js';
import { createWorkspace } from '../../support/workspace.js';
import { BROKEN_FILES, type BrokenFile, VALID_FILES } from './broken-files.js';

const root = join(import.meta.dirname, '../../..');
const readSchema = (name: string): object =>
  JSON.parse(readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8')) as object;

/** A validator with its default strictness, apart from the annotations for editors. */
const ajv = new Ajv({ allErrors: true, strictRequired: false, strictTypes: false });
ajv.addVocabulary(['errorMessage', 'defaultSnippets', 'x-rule']);
const isDocument = ajv.compile(readSchema('document'));
const isSettings = ajv.compile(readSchema('quonfig'));

function findingsIn(files: Readonly<Record<string, string>>): LocatedFinding[] {
  const workspace = createWorkspace();
  onTestFinished(() => workspace.cleanup());
  for (const [file, content] of Object.entries({ ...VALID_FILES, ...files })) {
    workspace.writeFile(file, content);
  }
  const read = readWorkspace(workspace.path);
  return locate(verifyWorkspace(read), read, false);
}

const findingsOf = ({ file, content, beside }: BrokenFile): LocatedFinding[] =>
  findingsIn({ ...beside, [file]: content });

const named = BROKEN_FILES.map((broken) => [broken.about, broken.rule, broken] as const);

describe('the rules of verify', () => {
  it('a valid workspace has no findings', () => {
    expect(findingsIn({})).toEqual([]);
  });

  it('every rule has a broken file, and there are at least 60 rules', () => {
    expect(BROKEN_FILES.length).toBeGreaterThanOrEqual(60);
    expect(
      Object.keys(RULES).filter((id) => !BROKEN_FILES.some(({ rule }) => rule === id)),
    ).toEqual([]);
  });

  it.each(named)('verify reports %s as %s, with the position', (_about, _rule, broken) => {
    const findings = findingsOf(broken);
    const found = findings.filter(({ rule }) => rule === broken.rule);
    expect(
      found,
      JSON.stringify(findings.map(({ rule, message }) => [rule, message])),
    ).toHaveLength(1);
    const [{ message, severity, location, source, file }] = found as [LocatedFinding];
    expect(severity).toBe(RULES[broken.rule].severity);
    expect(message).toContain(broken.says ?? '');
    expect(message).toMatch(/^[A-Z"][^\n]*[.?]$/);
    if (broken.at === undefined) return;
    const line = source!.text.split('\n')[location!.line - 1]!;
    expect(`${file}:${location!.line}: ${line.slice(location!.column - 1)}`).toContain(broken.at);
  });

  it.each(named)('%s causes no other error than %s', (_about, _rule, broken) => {
    const others = findingsOf(broken).filter(({ rule }) => rule !== broken.rule);
    expect(
      others.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    ).toEqual([]);
  });
});

describe('the JSON Schemas', () => {
  it('the JSON Schemas accept the documents of a valid workspace', () => {
    for (const [file, content] of Object.entries(VALID_FILES)) {
      const accepts = file === 'quonfig.json' ? isSettings : isDocument;
      expect(accepts(JSON.parse(content)), file).toBe(true);
    }
  });

  const documents = BROKEN_FILES.filter(
    ({ rule, file }) =>
      rule !== 'invalid-json' &&
      /^[a-z-]+\/[^/.][^/]*\.json$/.test(file) &&
      !file.startsWith('schemas/'),
  );
  it.each(
    documents.map(
      (broken) => [broken.bySchema ? 'refuse' : 'accept', broken.about, broken] as const,
    ),
  )('the JSON Schemas %s %s', (_verdict, _about, { content, bySchema }) => {
    expect(isDocument(JSON.parse(content))).toBe(!bySchema);
  });

  it.each([
    ['{"environments": ["Production"]}'],
    ['{"environments": "production"}'],
    ['{"environments": ["a", "a"]}'],
    ['{}'],
  ])('quonfig.json is refused if it is %s', (content) => {
    expect(isSettings(JSON.parse(content))).toBe(false);
  });
});

describe('the table of rules in the documentation', () => {
  it('the documentation lists every rule, with its severity and what it requires', () => {
    const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([\w-]+)` +\| (error|warning) +\| (.+?) +\|$/gm)];
    expect(rows.map(([, id, severity, about]) => [id, { severity, about }])).toEqual(
      Object.entries(RULES),
    );
  });
});
