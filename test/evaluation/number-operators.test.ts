import { describe, it } from 'vitest';
import { expectRows } from './rows.js';

describe('IN_INT_RANGE', () => {
  it('IN_INT_RANGE includes the start and excludes the end', async () => {
    await expectRows('IN_INT_RANGE', { start: 0, end: 10 }, [
      [0, true],
      [9.99, true],
      [10, false],
      [-1, false],
      ['5', true],
      ['10', false],
      [undefined, false],
    ]);
  });

  it('IN_INT_RANGE accepts numeric strings on either side, and nothing else', async () => {
    await expectRows('IN_INT_RANGE', { start: '0', end: '10' }, [
      ['9', true],
      [9, true],
      ['', false],
      [' ', false],
      ['x', false],
      ['5x', false],
      ['0x5', false],
      [true, false],
      [[5], false],
      [{}, false],
      [Number.NaN, false],
      [Number.POSITIVE_INFINITY, false],
      [5n, false],
    ]);
  });

  it('IN_INT_RANGE is unbounded on the side where its start or end is missing', async () => {
    const large = 2 ** 60;
    await expectRows('IN_INT_RANGE', {}, [
      [-large, true],
      [large, true],
      ['123456789012345678901234567890', true],
      [Number.POSITIVE_INFINITY, true],
      [Number.NEGATIVE_INFINITY, true],
      [Number.NaN, false],
      ['x', false],
      [undefined, false],
    ]);
    await expectRows('IN_INT_RANGE', { start: 5 }, [
      [4, false],
      [5, true],
      [large, true],
    ]);
    await expectRows('IN_INT_RANGE', { end: 5, start: null }, [
      [-large, true],
      [4, true],
      [5, false],
    ]);
  });

  it('IN_INT_RANGE compares integers beyond 2^53 exactly', async () => {
    await expectRows('IN_INT_RANGE', { start: '9007199254740993', end: '9007199254740997' }, [
      ['9007199254740992', false],
      [9007199254740992, false],
      ['9007199254740993', true],
      [9007199254740994, true],
      ['9007199254740996', true],
      ['9007199254740997', false],
    ]);
  });

  it.each([[undefined], ['0'], [5], [[0, 10]], [{ start: true, end: 10 }], [{ end: 'x' }]])(
    'IN_INT_RANGE never matches with %j as its range',
    async (match) => {
      await expectRows('IN_INT_RANGE', match, [
        [5, false],
        ['5', false],
        [undefined, false],
      ]);
    },
  );
});

describe('numeric comparisons', () => {
  it('numeric comparisons are exact beyond 2^53, for numbers of any size', async () => {
    await expectRows('PROP_GREATER_THAN_OR_EQUAL', '9007199254740993', [
      [9007199254740992, false],
      [9007199254740994, true],
      [1e300, true],
    ]);
    await expectRows('PROP_LESS_THAN', '-9007199254740993', [
      [-9007199254740992, false],
      [-9007199254740994, true],
      [-1e300, true],
    ]);
  });

  it.each([
    ['PROP_GREATER_THAN', false, false, true],
    ['PROP_GREATER_THAN_OR_EQUAL', false, true, true],
    ['PROP_LESS_THAN', true, false, false],
    ['PROP_LESS_THAN_OR_EQUAL', true, true, false],
  ])('%s compares only numbers', async (operator, below, at, above) => {
    for (const match of [18, '18', ' 18.0 ', '1.8e1']) {
      await expectRows(operator, match, [
        [17.9, below],
        [18, at],
        [18.1, above],
        [Number.NEGATIVE_INFINITY, below],
        [Number.POSITIVE_INFINITY, above],
        [Number.NaN, false],
        ['17', false],
        ['19', false],
        [true, false],
        [[19], false],
        [19n, false],
        [undefined, false],
      ]);
    }
  });

  it.each([
    'PROP_GREATER_THAN',
    'PROP_GREATER_THAN_OR_EQUAL',
    'PROP_LESS_THAN',
    'PROP_LESS_THAN_OR_EQUAL',
  ])('%s never matches if its match is not a number', async (operator) => {
    for (const match of [undefined, '', '  ', 'x', '0x10', true, null, [18], {}]) {
      await expectRows(operator, match, [
        [17, false],
        [19, false],
        [0, false],
        [undefined, false],
      ]);
    }
  });
});
