import { expect } from 'vitest';
import type { Contexts, QuonfigService } from '../../lib/index.js';
import { flagWhen, serviceOf, when } from '../support/configs.js';

/** The value of the property `user.it`, and whether a criterion holds for it. */
export type Row = readonly [seen: unknown, expected: boolean];

/** A service whose flag `flag` has this criterion on `user.it`. */
function serviceWithCriterion(operator: string, match: unknown): Promise<QuonfigService> {
  return serviceOf([flagWhen('flag', when(operator, 'user.it', match))]);
}

/** Expects a criterion to hold, or not, for each value. A row for `undefined` covers every kind of absence. */
export async function expectRows(
  operator: string,
  match: unknown,
  rows: readonly Row[],
): Promise<void> {
  const service = await serviceWithCriterion(operator, match);
  for (const [seen, expected] of rows) {
    const result = service.isEnabled('flag', { user: { it: seen } });
    expect(result, `${operator} ${show(match)} for ${show(seen)}`).toBe(expected);
  }
  const missing = rows.find(([seen]) => seen === undefined);
  if (missing === undefined) return;
  // A property that is null, missing, or in a missing context counts the same.
  const without: (Contexts | undefined)[] = [undefined, {}, { user: {} }, { other: {} }];
  for (const contexts of [...without, { user: { it: null } }]) {
    expect(service.isEnabled('flag', contexts)).toBe(missing[1]);
  }
}

export function negated(rows: readonly Row[]): Row[] {
  return rows.map(([seen, expected]) => [seen, !expected]);
}

function show(shown: unknown): string {
  return typeof shown === 'bigint' || typeof shown === 'symbol'
    ? String(shown)
    : JSON.stringify(shown);
}
