import { harmless, type Style } from '../style.js';
import { codeFrame } from './code-frame.js';
import type { LocatedFinding } from './located-finding.js';

/** Returns the report for people. */
export function textReport(findings: readonly LocatedFinding[], style: Style): string {
  return findings.map((finding) => entry(finding, style).join('\n')).join('\n\n');
}

function entry(
  { file, rule, severity, location, message, source }: LocatedFinding,
  style: Style,
): string[] {
  const place = location === undefined ? '' : `:${location.line}:${location.column}`;
  const level = severity === 'error' ? style.red('error') : style.yellow('warning');
  const head = `${style.bold(harmless(file) + place)} ${level} ${harmless(message)} ${style.dim(`(${rule})`)}`;
  if (location === undefined || source === undefined) return [head];
  return [head, ...codeFrame(source, location, style)];
}

/** Returns the last line of the report. */
export function summaryOf(findings: readonly LocatedFinding[], files: number): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const checked = counted(files, 'file');
  if (findings.length === 0) return `No problems in ${checked}.`;
  return `${counted(errors, 'error')}, ${counted(warnings, 'warning')} in ${checked}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
