import sarif from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorkspace } from '../../support/workspace.js';
import { runHere } from '../command-line.js';
import { BROKEN_FILES, VALID_FILES } from './broken-files.js';

interface SarifLog {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[];
    },
  ];
}

const isSarif = sarifValidator();

/** The validator of the SARIF 2.1.0 schema, which is written in draft 04. */
function sarifValidator(): ValidateFunction {
  // Its keywords mean the same in draft 07, except for the name of its id.
  const { $schema: _draft, id: _id, ...schema } = sarif;
  const formats = {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9A-F]{2})*$/i,
    'date-time': true as const,
  };
  return new Ajv({ allErrors: true, strictTypes: false, unicodeRegExp: false, formats }).compile(
    schema,
  );
}

/** What `verify --format sarif` prints for a workspace. */
async function logOf(files: Readonly<Record<string, string>>, below = ''): Promise<SarifLog> {
  const workspace = createWorkspace();
  onTestFinished(() => workspace.cleanup());
  for (const [file, content] of Object.entries({ ...VALID_FILES, ...files })) {
    workspace.writeFile(`${below}${file}`, content);
  }
  const datadir = `${workspace.path}/${below}`;
  const { stdout } = await runHere(['verify', '--datadir', datadir, '--format', 'sarif']);
  return JSON.parse(stdout) as SarifLog;
}

describe('the log of verify --format sarif', () => {
  it.each(BROKEN_FILES)('the log follows the SARIF 2.1.0 schema for $about', async (broken) => {
    const log = await logOf({ ...broken.beside, [broken.file]: broken.content });
    isSarif(log);
    expect(isSarif.errors).toBeNull();
    const [{ tool, results }] = log.runs;
    expect(results.length).toBeGreaterThan(0);
    for (const { ruleId, ruleIndex } of results) {
      expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    }
  });

  it('the log follows the schema without findings, and with names that are not allowed in a URI', async () => {
    expect(isSarif(await logOf({}))).toBe(true);
    const log = await logOf({ 'configs/a #%".json': '{' }, 'my flags/prüfung/');
    isSarif(log);
    expect(isSarif.errors).toBeNull();
    expect(JSON.stringify(log)).toContain('my%20flags/pr%C3%BCfung/configs/a%20%23%25%22.json');
  });

  it('the schema rejects a log without a message, or with columns that count from 0', async () => {
    const text = JSON.stringify(await logOf({ 'configs/a.json': '{' }));
    expect(isSarif(JSON.parse(text.replaceAll('"message"', '"massage"')))).toBe(false);
    expect(isSarif(JSON.parse(text.replace(/"startColumn":\d+/, '"startColumn":0')))).toBe(false);
    expect(isSarif(JSON.parse(text.replace(/"uri":"/, '"uri":" ')))).toBe(false);
  });
});
