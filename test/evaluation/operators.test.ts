import { describe, expect, it } from 'vitest';
import { holds, when } from '../support/configs.js';
import { expectRows, negated, type Row } from './rows.js';

describe('operators without a property', () => {
  it('ALWAYS_TRUE matches every context', async () => {
    expect(await holds(when('ALWAYS_TRUE'))).toBe(true);
  });

  it.each(['NOT_SET', 'LOOKUP_KEY_IN', 'LOOKUP_KEY_NOT_IN', 'prop_is_one_of', '', 'constructor'])(
    'the unknown or unsupported operator %j matches nobody',
    async (operator) => {
      await expectRows(
        operator,
        ['a'],
        [
          ['a', false],
          ['b', false],
          [undefined, false],
        ],
      );
    },
  );
});

describe('PROP_IS_ONE_OF and PROP_IS_NOT_ONE_OF', () => {
  const rows: Row[] = [
    ['a', true],
    ['A', false],
    ['ab', false],
    [1, true],
    ['1', true],
    [1.5, true],
    [true, true],
    [false, false],
    [10n, true],
    ['', false],
    [['x', 'a'], true],
    [['x', 1], true],
    [['x', 'y'], false],
    [[], false],
    [{ a: 'a' }, false],
    [Symbol('a'), false],
    [undefined, false],
  ];
  const short = ['a', '1', '1.5', 'true'];
  const long = [...short, '10', 'p', 'q', 'r', 's'];

  it('PROP_IS_ONE_OF compares a value, or any element of a list, as a string', async () => {
    await expectRows('PROP_IS_ONE_OF', long, rows);
    await expectRows('PROP_IS_NOT_ONE_OF', long, negated(rows));
  });

  it('PROP_IS_ONE_OF matches the same values in short lists, which are searched differently', async () => {
    const fitting = rows.filter(([seen]) => seen !== 10n);
    await expectRows('PROP_IS_ONE_OF', short, fitting);
    await expectRows('PROP_IS_NOT_ONE_OF', short, negated(fitting));
  });

  it('PROP_IS_ONE_OF converts the elements of its list to strings', async () => {
    await expectRows(
      'PROP_IS_ONE_OF',
      [1, true, 2.5],
      [
        ['1', true],
        [1, true],
        ['true', true],
        [2.5, true],
        [2, false],
      ],
    );
  });

  it('PROP_IS_ONE_OF matches an empty string only if the list contains one', async () => {
    await expectRows(
      'PROP_IS_ONE_OF',
      [''],
      [
        ['', true],
        ['a', false],
        [undefined, false],
      ],
    );
  });
});

describe.each([
  ['PROP_STARTS_WITH_ONE_OF', 'PROP_DOES_NOT_START_WITH_ONE_OF', 'ab-', 'x-ab'],
  ['PROP_ENDS_WITH_ONE_OF', 'PROP_DOES_NOT_END_WITH_ONE_OF', '-ab', 'ab-x'],
  ['PROP_CONTAINS_ONE_OF', 'PROP_DOES_NOT_CONTAIN_ONE_OF', '-ab-', 'ba'],
])('%s and %s', (positive, negative, fits, fitsNot) => {
  const rows: Row[] = [
    [fits, true],
    ['ab', true],
    [fits.toUpperCase(), false],
    [fitsNot, false],
    ['a', false],
    ['', false],
    [12, true],
    [21, false],
    [true, true],
    [undefined, false],
    [{}, false],
  ];

  it(`${positive} compares a string with every element of its list`, async () => {
    await expectRows(positive, ['zz', 'ab', 'true', '12'], rows);
    await expectRows(negative, ['zz', 'ab', 'true', '12'], negated(rows));
  });

  it(`${positive} joins the elements of a list with commas`, async () => {
    await expectRows(
      positive,
      ['a,b'],
      [
        [['a', 'b'], true],
        [['a'], false],
        [['b', 'a'], false],
      ],
    );
  });

  it(`${positive} matches every present value if its list contains an empty string`, async () => {
    await expectRows(
      positive,
      [''],
      [
        ['x', true],
        ['', true],
        [0, true],
        [undefined, false],
      ],
    );
    await expectRows(
      negative,
      [''],
      [
        ['x', false],
        [undefined, true],
      ],
    );
  });
});

describe.each([
  ['PROP_IS_ONE_OF', 'PROP_IS_NOT_ONE_OF'],
  ['PROP_STARTS_WITH_ONE_OF', 'PROP_DOES_NOT_START_WITH_ONE_OF'],
  ['PROP_ENDS_WITH_ONE_OF', 'PROP_DOES_NOT_END_WITH_ONE_OF'],
  ['PROP_CONTAINS_ONE_OF', 'PROP_DOES_NOT_CONTAIN_ONE_OF'],
])('%s and %s without a usable list', (positive, negative) => {
  it.each([
    ['without a match', undefined],
    ['when the match is a string', 'a'],
    ['when the match is a number', 1],
    ['when the match is an object', { 0: 'a' }],
    ['when the list is empty', []],
  ])(`${positive} is false and ${negative} true %s`, async (_, match) => {
    await expectRows(positive, match, [
      ['a', false],
      [1, false],
      [['a'], false],
      [undefined, false],
    ]);
    await expectRows(negative, match, [
      ['a', true],
      [1, true],
      [['a'], true],
      [undefined, true],
    ]);
  });
});

describe('HIERARCHICAL_MATCH', () => {
  it('HIERARCHICAL_MATCH matches a string that starts with the match', async () => {
    await expectRows('HIERARCHICAL_MATCH', 'a.b', [
      ['a.b', true],
      ['a.b.c', true],
      ['a.bc', true],
      ['a', false],
      ['A.b', false],
      ['x.a.b', false],
      [undefined, false],
    ]);
    await expectRows('HIERARCHICAL_MATCH', 12, [
      [123, true],
      [21, false],
    ]);
  });

  it('HIERARCHICAL_MATCH never matches without a match', async () => {
    await expectRows('HIERARCHICAL_MATCH', undefined, [
      ['', false],
      ['a', false],
      [undefined, false],
    ]);
  });
});

describe('IS_PRESENT and IS_NOT_PRESENT', () => {
  const rows: Row[] = [
    ['a', true],
    ['', true],
    [0, true],
    [false, true],
    [Number.NaN, true],
    [[], true],
    [undefined, false],
  ];

  it('IS_PRESENT is true for every value, including an empty string, 0 and false', async () => {
    await expectRows('IS_PRESENT', undefined, rows);
    await expectRows('IS_NOT_PRESENT', undefined, negated(rows));
  });

  it('IS_PRESENT ignores a match', async () => {
    await expectRows('IS_PRESENT', ['b'], rows);
  });
});
