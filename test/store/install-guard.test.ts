import { describe, expect, it } from 'vitest';
import { guardInstall } from '../../lib/store/index.js';

describe('a set of configs that arrives over the network', () => {
  it.each([
    ['is installed when nothing is held', undefined, 5, 'install'],
    ['is installed when nothing is held, without generation too', undefined, 0, 'install'],
    ['is installed when its generation is higher', 5, 6, 'install'],
    ['is installed when it is the first with a generation', 0, 1, 'install'],
    ['changes nothing when its generation is the same', 5, 5, 'equal'],
    ['changes nothing when its generation is lower', 5, 4, 'older'],
    ['changes nothing without a generation when one is held', 5, 0, 'unversioned'],
    ['changes nothing with a generation below 0 when one is held', 5, -1, 'unversioned'],
    ['changes nothing when its generation is no number', 5, Number.NaN, 'unversioned'],
    ['replaces another without generation', 0, 0, 'install'],
  ] as const)('%s', (_, held, arriving, verdict) => {
    expect(guardInstall(held, arriving)).toBe(verdict);
  });
});
