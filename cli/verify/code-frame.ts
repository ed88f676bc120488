import { harmless, type Style } from '../style.js';
import type { Location } from '../workspace/json-location.js';
import type { JsonSource } from './located-finding.js';

/** Lines shown before and after the place. */
const CONTEXT_LINES = 2;
const MAX_WIDTH = 100;

/** Returns the lines around a place, with the place underlined. Confidential values are hidden. */
export function codeFrame(
  { text, locator }: JsonSource,
  location: Location,
  style: Style,
): string[] {
  const lines = hidden(text, locator.confidentialRanges()).split('\n');
  const first = Math.max(1, location.line - CONTEXT_LINES);
  const last = Math.min(lines.length, location.line + CONTEXT_LINES);
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const line = shown(lines[number - 1]!);
    const isPlace = number === location.line;
    const gutter = `${isPlace ? '>' : ' '} ${String(number).padStart(width)} |`;
    frame.push(`${style.dim(gutter)} ${isPlace ? line : style.dim(line)}`.trimEnd());
    if (!isPlace) continue;
    const marker = underline(line, location);
    if (marker !== '') frame.push(`${style.dim(`  ${' '.repeat(width)} |`)} ${style.red(marker)}`);
  }
  return frame;
}

function hidden(text: string, ranges: readonly (readonly [number, number])[]): string {
  let result = text;
  for (const [start, end] of ranges) {
    const secret = result.slice(start, end).replaceAll(/[^\s]/g, '*');
    result = result.slice(0, start) + secret + result.slice(end);
  }
  return result;
}

function shown(line: string): string {
  const plain = harmless(line.replace(/\r$/, '').replaceAll('\t', ' '));
  return plain.length > MAX_WIDTH ? `${plain.slice(0, MAX_WIDTH)}…` : plain;
}

/** Underlines the place up to the end of its first line. */
function underline(line: string, { line: start, column, endLine, endColumn }: Location): string {
  if (column > line.length + 1) return '';
  const end = endLine === start ? endColumn : line.length + 1;
  const length = Math.max(1, Math.min(end, line.length + 1) - column);
  return ' '.repeat(column - 1) + '^'.repeat(length);
}
