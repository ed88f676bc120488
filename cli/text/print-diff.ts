import type { Terminal } from '../terminal.js';
import { unifiedDiff } from './line-diff.js';

/** The two texts of a file, and what its lines are called before and after. */
export interface FileDiff {
  readonly names: readonly [string, string];
  readonly before: string;
  readonly after: string;
}

/**
 * Prints a difference in the unified format, which `git apply` accepts.
 *
 * @returns whether there was one
 */
export function printDiff({ names, before, after }: FileDiff, terminal: Terminal): boolean {
  const lines = unifiedDiff(before, after);
  if (lines.length === 0) return false;
  const { style } = terminal;
  terminal.print(style.bold(`--- ${names[0]}\n+++ ${names[1]}`));
  for (const line of lines) {
    if (line.startsWith('@')) terminal.print(style.cyan(line));
    else if (line.startsWith('+')) terminal.print(style.green(line));
    else terminal.print(line.startsWith('-') ? style.red(line) : line);
  }
  return true;
}
