import { portablePath } from '../output/shown-path.js';
import type { LocatedFinding } from './located-finding.js';

/** Returns one workflow command per finding: GitHub Actions shows them beside the lines of a pull request. */
export function githubReport(findings: readonly LocatedFinding[]): string {
  return findings.map(annotation).join('\n');
}

function annotation({ file, rule, severity, location, message }: LocatedFinding): string {
  const properties: Record<string, string | number> = {
    file: portablePath(file),
    ...(location && {
      line: location.line,
      endLine: location.endLine,
      col: location.column,
      // Columns of a place on several lines have no meaning there.
      ...(location.endLine === location.line && { endColumn: location.endColumn }),
    }),
    title: `nestjs-quonfig: ${rule}`,
  };
  const list = Object.entries(properties).map(
    ([name, value]) => `${name}=${escaped(String(value), true)}`,
  );
  return `::${severity} ${list.join(',')}::${escaped(message, false)}`;
}

function escaped(text: string, isProperty: boolean): string {
  const data = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return isProperty ? data.replaceAll(':', '%3A').replaceAll(',', '%2C') : data;
}
