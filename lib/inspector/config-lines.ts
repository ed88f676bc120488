import type { Config } from '../index.js';
import { sentenceOf } from './sentences.js';
import { rulesOf } from './shown-value.js';
import { isAlways } from './rule-view.js';

/** A config as lines of text, without what is hidden: what a difference between two versions compares. */
export function linesOf(
  config: Config | undefined,
  environment: string,
  decrypting: ReadonlySet<string>,
): string[] {
  if (config === undefined) return [];
  const decrypts = decrypting.has(config.key);
  const lines = [`${config.type} of type ${config.valueType}`];
  for (const list of ['environment', 'default'] as const) {
    const rules = rulesOf(config, list);
    if (rules.length === 0) continue;
    if (list === 'default') lines.push('default:');
    else lines.push(`environment ${config.environment?.id ?? environment}:`);
    rules.forEach((rule, index) => {
      const isLast = index > 0 && index === rules.length - 1 && rule.criteria.every(isAlways);
      lines.push(`  ${sentenceOf(rule, isLast, decrypts)}`);
    });
  }
  return lines;
}

/** A line of a difference: only before, only after, or in both. */
export interface DiffLine {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

const MAX_LINES = 200;

/** Compares two lists of lines. Very long ones are cut. */
export function diffOf(before: readonly string[], after: readonly string[]): DiffLine[] {
  const [old, now] = [before.slice(0, MAX_LINES), after.slice(0, MAX_LINES)];
  const common = commonLengths(old, now);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ sign: ' ', text: old[i++]! });
      j++;
    } else if (i < old.length && (j >= now.length || common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ sign: '-', text: old[i++]! });
    } else {
      lines.push({ sign: '+', text: now[j++]! });
    }
  }
  return lines;
}

/** The length of the longest common subsequence of the rest of both lists, from each pair of positions. */
function commonLengths(old: readonly string[], now: readonly string[]): number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () =>
    Array.from({ length: now.length + 1 }, () => 0),
  );
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        old[i] === now[j]
          ? lengths[i + 1]![j + 1]! + 1
          : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}
