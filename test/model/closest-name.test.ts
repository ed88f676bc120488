import { describe, expect, it } from 'vitest';
import { closestName } from '../../lib/model/closest-name.js';

/** The same distance from the full table, without any shortcut. */
function plainDistance(from: string, to: string): number {
  const table = Array.from({ length: from.length + 1 }, (_, line) =>
    Array.from({ length: to.length + 1 }, (__, column) => (line === 0 ? column : line)),
  );
  for (let line = 1; line <= from.length; line++) {
    for (let column = 1; column <= to.length; column++) {
      const same = from[line - 1] === to[column - 1];
      const swapped =
        line > 1 &&
        column > 1 &&
        from[line - 1] === to[column - 2] &&
        from[line - 2] === to[column - 1];
      table[line]![column] = Math.min(
        table[line - 1]![column - 1]! + (same ? 0 : 1),
        table[line - 1]![column]! + 1,
        table[line]![column - 1]! + 1,
        swapped ? table[line - 2]![column - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return table[from.length]![to.length]!;
}

describe('closestName', () => {
  it.each([
    ['search.limt', 'search.limit'],
    ['search.limmit', 'search.limit'],
    ['saerch.limit', 'search.limit'],
    ['Search.Limit', 'search.limit'],
    ['search_limit', 'search.limit'],
    ['newCheckout', 'new-checkout'],
    ['falg', 'flag'],
  ])('closestName, given %s, finds the name %s', (written, meant) => {
    const names = ['cart.hold', 'flag', 'new-checkout', 'search.limit', 'search.ranker'];
    expect(closestName(written, names)).toBe(meant);
  });

  it.each(['search', 'limit', 'flog.x', 'x', '', 'a much longer name than any'])(
    'closestName finds nothing for %j, which resembles none of the names',
    (written) => {
      expect(closestName(written, ['a', 'flag', 'search.limit'])).toBeUndefined();
    },
  );

  it('closestName prefers the name with the fewest differences, and the first in a tie', () => {
    expect(closestName('search.limit', ['search.limits2', 'search.limits'])).toBe('search.limits');
    expect(closestName('team-1.flag', ['team-2.flag', 'team-3.flag'])).toBe('team-2.flag');
  });

  it('closestName computes the same distances as a full edit table', () => {
    // Few letters make strings with many partial matches; the numbers are a fixed sequence.
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below;
    const word = (): string =>
      Array.from({ length: 9 + random(4) }, () => 'abc'[random(3)]).join('');
    let found = 0;
    for (let round = 0; round < 5_000; round++) {
      const [written, name] = [word(), word()];
      const expected = plainDistance(written, name) <= 3 ? name : undefined;
      expect(closestName(written, [name]), `${written} ${name}`).toBe(expected);
      if (expected !== undefined) found++;
    }
    expect(found).toBeGreaterThan(50);
  });
});
