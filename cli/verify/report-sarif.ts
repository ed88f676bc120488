import { uriOf } from '../output/shown-path.js';
import type { LocatedFinding } from './located-finding.js';
import { RULES } from './rules.js';

const HOME = 'https://github.com/nestjs-quonfig/nestjs-quonfig';

/** Returns the findings as a SARIF 2.1.0 log, for code scanning and editors. */
export function sarifReport(findings: readonly LocatedFinding[], version: string): string {
  const rules = Object.entries(RULES).map(([id, { severity, about }]) => ({
    id,
    shortDescription: { text: about },
    helpUri: `${HOME}/blob/main/docs/cli.md#rules`,
    defaultConfiguration: { level: severity },
  }));
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'nestjs-quonfig', version, informationUri: HOME, rules } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ rule, severity, file, location, message }) => ({
          ruleId: rule,
          ruleIndex: indexes.get(rule),
          level: severity,
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                ...(location && {
                  region: {
                    startLine: location.line,
                    startColumn: location.column,
                    endLine: location.endLine,
                    endColumn: location.endColumn,
                  },
                }),
              },
            },
          ],
        })),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}
