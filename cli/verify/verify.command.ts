import { defineCommand, FAILED, OK } from '../command.js';
import { MisuseError } from '../command.errors.js';
import { packageVersion } from '../package-version.js';
import { portablePath } from '../output/shown-path.js';
import { DATADIR } from '../shared-options.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { readWorkspace } from '../workspace/workspace-files.js';
import { locate, plainFinding } from './located-finding.js';
import { githubReport } from './report-github.js';
import { sarifReport } from './report-sarif.js';
import { summaryOf, textReport } from './report-text.js';
import { verifyWorkspace } from './verify-workspace.js';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;

export const verify = defineCommand({
  usage: '[options]',
  about: [
    'Checks files, keys, types, environments, references, values, weights and',
    'criteria. Exits with 1 if there are errors.',
  ],
  options: {
    ...DATADIR,
    strict: { about: 'treat warnings as errors' },
    format: {
      value: 'FORMAT',
      choices: FORMATS,
      about: 'text, json, sarif (code scanning) or github (annotations)',
    },
    json: { about: 'short for --format json' },
  },
  examples: ['verify --datadir workspace', 'verify --strict --format sarif > quonfig.sarif'],

  async run({ options, terminal }) {
    if (options.json && options.format !== undefined) {
      throw new MisuseError('--json and --format cannot be combined. Pass one of them.');
    }
    const format = options.json ? 'json' : (options.format ?? 'text');
    const datadir = findWorkspace(options.datadir);
    const progress = terminal.progress('Checking files');
    const workspace = readWorkspace(datadir, (done, total) => progress.report(done, total));
    const findings = locate(
      verifyWorkspace(workspace, (done, total) => progress.report(done, total)),
      workspace,
      options.strict ?? false,
    );
    progress.end();
    const hasErrors = findings.some(({ severity }) => severity === 'error');
    const files = workspace.files.length + 1;
    switch (format) {
      case 'json': {
        const errors = findings.filter(({ severity }) => severity === 'error').length;
        const counts = { files, errors, warnings: findings.length - errors };
        const report = {
          datadir: portablePath(datadir),
          ...counts,
          findings: findings.map(plainFinding),
        };
        terminal.print(JSON.stringify(report, null, 2));
        break;
      }
      case 'sarif':
        terminal.print(sarifReport(findings, packageVersion()));
        break;
      case 'github':
        if (findings.length > 0) terminal.print(githubReport(findings));
        break;
      default:
        if (findings.length > 0) terminal.print(`${textReport(findings, terminal.style)}\n`);
        terminal.note(summaryOf(findings, files));
    }
    return hasErrors ? FAILED : OK;
  },
});
