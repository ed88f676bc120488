import { describe, expect, it } from 'vitest';
import { keyFilter } from '../../lib/model/index.js';

describe('a key filter', () => {
  it('a filter without patterns matches every key', () => {
    const filter = keyFilter([]);
    expect(filter.everything).toBe(true);
    expect(filter.matches('any.key')).toBe(true);
  });

  it('a filter of exact keys matches only those and lists them', () => {
    const filter = keyFilter(['search.ranker', 'a.b']);
    expect(filter).toMatchObject({ everything: false });
    expect([...filter.exactKeys!]).toEqual(['search.ranker', 'a.b']);
    expect(filter.matches('search.ranker')).toBe(true);
    expect(filter.matches('search_ranker')).toBe(false);
    expect(filter.matches('search.ranker.v2')).toBe(false);
  });

  it('a filter with a wildcard lists no exact keys and still matches them', () => {
    const filter = keyFilter(['search.*', 'a.b']);
    expect(filter.exactKeys).toBeUndefined();
    expect(filter.matches('a.b')).toBe(true);
    expect(filter.matches('search.limit')).toBe(true);
    expect(filter.matches('a.c')).toBe(false);
  });

  it.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['search.*', 'search.', true],
    ['search.*', 'search', false],
    ['*.limit', 'search.limit', true],
    ['*.limit', 'search.limits', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a**b', 'ab', true],
    ['*a*', 'bab', true],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'ab', false],
    ['a*ab', 'aab', true],
    ['(.*', '(x', false],
    ['(.*', '(.x', true],
  ])('the pattern %s matches the key %s: %s', (pattern, key, expected) => {
    expect(keyFilter([pattern]).matches(key)).toBe(expected);
  });

  it('a filter with many wildcards matches a long key without backtracking', () => {
    const filter = keyFilter([`${'a*'.repeat(2_000)}b*`]);
    expect(filter.matches('a'.repeat(100_000))).toBe(false);
  });
});
