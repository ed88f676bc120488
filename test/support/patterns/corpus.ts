import { readFileSync } from 'node:fs';

export interface CorpusRow {
  engine: 'linear' | 'RegExp' | 'none';
  /** Longest string that is searched; only stated for `RegExp`. */
  maxLength: number | undefined;
  pattern: string;
  /** What makes a string hostile when repeated; only in the evil ones. */
  pump: string | undefined;
  matching: string;
  other: string;
}

/** 200 patterns as people write them. */
export const good = rowsOf('good');

/** 100 patterns that make a backtracking engine slow. */
export const evil = rowsOf('evil');

function rowsOf(name: string): CorpusRow[] {
  const text = readFileSync(new URL(`${name}.tsv`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
  return lines.map((line) => {
    const [engine, maxLength, pattern, ...more] = line.split('\t');
    const [matching, other] = more.slice(-2);
    return {
      engine: engine as CorpusRow['engine'],
      maxLength: maxLength === '-' ? undefined : Number(maxLength),
      pattern: pattern!,
      pump: more.length === 3 ? more[0] : undefined,
      matching: matching!,
      other: other!,
    };
  });
}
