import { describe, it } from 'vitest';
import { expectRows, type Row } from './rows.js';

describe('semantic versions', () => {
  const ordered = [
    '0.0.0',
    '1.0.0-0',
    '1.0.0-2',
    '1.0.0-10',
    '1.0.0-99999999999999999999',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2.0',
    '1.10.0',
    '2.0.0',
    '9007199254740993.0.0',
    '9007199254740994.0.0',
  ];

  it('semantic versions are compared by precedence', async () => {
    for (const [at, match] of ordered.entries()) {
      const rows = (holdsAt: (index: number) => boolean): Row[] =>
        ordered.map((version, index) => [version, holdsAt(index)]);
      await expectRows(
        'PROP_SEMVER_LESS_THAN',
        match,
        rows((index) => index < at),
      );
      await expectRows(
        'PROP_SEMVER_EQUAL',
        match,
        rows((index) => index === at),
      );
      await expectRows(
        'PROP_SEMVER_GREATER_THAN',
        match,
        rows((index) => index > at),
      );
    }
  });

  it('semantic versions are equal regardless of build metadata', async () => {
    await expectRows('PROP_SEMVER_EQUAL', '1.2.3+build.7', [
      ['1.2.3', true],
      ['1.2.3+other', true],
      ['1.2.3-rc.1+build.7', false],
    ]);
  });

  it.each(['1.2', 'v1.2.3', '01.0.0', '1.0.0-01', '', '1.2.3 ', '1.2.3.4', '1.0.0-', '1.0.0+'])(
    '%j is not a semantic version on either side of a comparison',
    async (text) => {
      for (const operator of [
        'PROP_SEMVER_LESS_THAN',
        'PROP_SEMVER_EQUAL',
        'PROP_SEMVER_GREATER_THAN',
      ]) {
        await expectRows(operator, '1.0.0', [
          [text, false],
          [1, false],
          [undefined, false],
        ]);
        await expectRows(operator, text, [
          [text, false],
          ['1.0.0', false],
          ['0.0.1', false],
        ]);
        await expectRows(operator, undefined, [['1.0.0', false]]);
      }
    },
  );
});
