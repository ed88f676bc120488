import type { Contexts, EvaluationTrace, QuonfigService } from '../index.js';
import type { KeyIndex } from './key-index.js';
import { shownOutcome } from './shown-outcome.js';
import type { ShownValue } from './shown-value.js';

export interface KeyQuery {
  /** Words that the key contains, in any case and order. */
  readonly search: string;
  /** Config types to list; empty for all. */
  readonly types: readonly string[];
  readonly offset: number;
  readonly limit: number;
}

export interface KeyRow {
  readonly key: string;
  readonly type: string;
  readonly valueType: string;
  /** Absent if there is no value. */
  readonly value?: ShownValue;
  readonly reason: string;
  readonly error?: string;
}

export interface KeyPage {
  /** How many keys match. */
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly KeyRow[];
}

/** Finds keys, and evaluates those of one page of the list. */
export function listKeys(
  quonfig: QuonfigService,
  { keys, decrypting }: KeyIndex,
  { search, types, offset, limit }: KeyQuery,
  contexts: Contexts,
): KeyPage {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = keys.filter(
    ({ lowerCase, type }) =>
      (types.length === 0 || types.includes(type)) &&
      words.every((word) => lowerCase.includes(word)),
  );
  const rows = found.slice(offset, offset + limit).map(({ key, type, valueType }) => {
    const trace = quonfig.explain(key, contexts);
    return { key, type, valueType, ...rowOf(quonfig, trace, decrypting) };
  });
  return { total: found.length, offset, rows };
}

function rowOf(
  quonfig: QuonfigService,
  trace: EvaluationTrace,
  decrypting: ReadonlySet<string>,
): Pick<KeyRow, 'value' | 'reason' | 'error'> {
  const { reason, errorMessage } = trace.outcome;
  const value = shownOutcome(trace, quonfig.rawConfig(trace.key), decrypting);
  return {
    reason,
    ...(value !== undefined && { value }),
    ...(errorMessage !== undefined && { error: errorMessage }),
  };
}
