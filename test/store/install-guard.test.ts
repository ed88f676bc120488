import { describe, expect, it } from 'vitest';
import { guardInstall } from '../../lib/store/index.js';

describe('guardInstall', () => {
  it.each([
    ['is installed before the first install', undefined, 5, 'install'],
    ['is installed before the first install, even without a generation', undefined, 0, 'install'],
    ['is installed if its generation is higher', 5, 6, 'install'],
    ['is installed if it is the first with a generation', 0, 1, 'install'],
    ['is dropped if its generation is equal', 5, 5, 'equal'],
    ['is dropped if its generation is lower', 5, 4, 'older'],
    ['is dropped without a generation if the current configs have one', 5, 0, 'unversioned'],
    ['is dropped with a negative generation if the current configs have one', 5, -1, 'unversioned'],
    ['is dropped if its generation is NaN', 5, Number.NaN, 'unversioned'],
    ['replaces configs without a generation if it has none either', 0, 0, 'install'],
  ] as const)('an envelope from the network %s', (_, current, arriving, verdict) => {
    expect(guardInstall(current, arriving)).toBe(verdict);
  });
});
