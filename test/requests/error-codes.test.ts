import { describe, expect, it } from 'vitest';
import { errorCode, failureCode } from '../../lib/requests/index.js';

const throwing = (): never => {
  throw new Error('accessor');
};

/** An error with accessors that throw in place of these properties. */
function hostile(...names: string[]): Error {
  const error = new Error('hostile');
  for (const name of names) Object.defineProperty(error, name, { get: throwing });
  return error;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const trapped = new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing });
const oddErrors = new AggregateError([]);
Object.defineProperty(oddErrors, 'errors', { value: null });

const whatever: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'Basic c2VjcmV0'],
  ['a number', 7],
  ['a symbol', Symbol('thrown')],
  ['a function', throwing],
  ['an object without a prototype', Object.create(null)],
  ['an accessor of its code that throws', hostile('code')],
  ['an accessor of its name that throws', hostile('name')],
  ['a proxy whose traps throw', trapped],
  ['a revoked proxy', revoked()],
];

describe('Why a request failed', () => {
  it.each(whatever)('can be asked of %s', (_, thrown) => {
    expect(errorCode(thrown)).toBe('unknown error');
    expect(failureCode(thrown)).toBe('unknown error');
  });

  it.each<[string, unknown, string]>([
    ['whose cause cannot be read', hostile('cause'), 'Error'],
    ['whose errors are no list', oddErrors, 'AggregateError'],
    ['whose cause cannot be asked', new Error('outer', { cause: trapped }), 'Error'],
    ['that is its own cause', ownCause(), 'TypeError'],
  ])('is told by the name of an error %s', (_, thrown, name) => {
    expect(failureCode(thrown)).toBe(name);
  });

  it('is the code of the innermost cause', () => {
    const inner = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const outer = new TypeError('fetch failed', { cause: new AggregateError([inner]) });
    expect(failureCode(outer)).toBe('ECONNREFUSED');
  });

  it('is a code only when it looks like one, else the name, else unknown', () => {
    const header = 'Basic MTpxZl9za19zZWNyZXQ=';
    const told = (properties: object) => errorCode(Object.assign(new Error('failed'), properties));
    expect(told({ code: 'UND_ERR_SOCKET' })).toBe('UND_ERR_SOCKET');
    expect(told({ code: header })).toBe('Error');
    expect(told({ code: header, name: header })).toBe('unknown error');
    expect(told({ code: 20, name: 'AbortError' })).toBe('AbortError');
    expect(told({ code: 'E'.repeat(65), name: '' })).toBe('unknown error');
    expect(told({ code: 'E\nFORGED', name: { toString: throwing } })).toBe('unknown error');
  });
});

function ownCause(): Error {
  const error = new TypeError('round');
  error.cause = error;
  return error;
}
