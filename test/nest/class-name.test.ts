import { describe, expect, it } from 'vitest';
import { className } from '../../lib/nest/class-name.js';

class Shop {
  readonly kind = 'shop';
}

class Renamed {
  readonly kind = 'shop';

  static name(): string {
    return 'shop';
  }
}

class Hidden {
  readonly kind = 'shop';

  static get name(): never {
    throw new Error('a getter ran');
  }
}

describe('className', () => {
  it('className returns the name of a class, also for its prototype', () => {
    expect(className(Shop)).toBe('Shop');
    expect(className(Shop.prototype)).toBe('Shop');
  });

  it.each([
    ['no prototype', null],
    ['a prototype without a constructor', Object.create(null) as object],
    [
      'a class without a name',
      (() =>
        class {
          readonly kind = 'shop';
        })(),
    ],
    ['a class whose name is a method', Renamed],
    ['a class whose name is a getter', Hidden.prototype],
  ])('className returns "anonymous class" for %s', (_, target) => {
    expect(className(target)).toBe('anonymous class');
  });
});
