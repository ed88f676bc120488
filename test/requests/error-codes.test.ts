import { describe, expect, it } from 'vitest';
import { errorCode, failureCode, failureReason } from '../../lib/requests/index.js';

const throwing = (): never => {
  throw new Error('accessor');
};

/** An error whose accessors for these properties throw. */
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

const hostileValues: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a string', 'Basic c2VjcmV0'],
  ['a number', 7],
  ['a symbol', Symbol('thrown')],
  ['a function', throwing],
  ['an object without a prototype', Object.create(null)],
  ['an error whose code throws', hostile('code')],
  ['an error whose name throws', hostile('name')],
  ['a proxy whose traps throw', trapped],
  ['a revoked proxy', revoked()],
];

describe('error codes', () => {
  it.each(hostileValues)('the error code of %s is "unknown error"', (_, thrown) => {
    expect(errorCode(thrown)).toBe('unknown error');
    expect(failureCode(thrown)).toBe('unknown error');
    expect(failureReason(thrown)).toBe('unknown error');
  });

  it.each<[string, unknown, string]>([
    ['whose cause throws', hostile('cause'), 'Error'],
    ['whose errors are not a list', oddErrors, 'AggregateError'],
    ['whose cause is a hostile proxy', new Error('outer', { cause: trapped }), 'Error'],
    ['that is its own cause', ownCause(), 'TypeError'],
  ])('failureCode() returns the name of an error %s', (_, thrown, name) => {
    expect(failureCode(thrown)).toBe(name);
  });

  it('failureCode() returns the code of the innermost cause', () => {
    const inner = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const outer = new TypeError('fetch failed', { cause: new AggregateError([inner]) });
    expect(failureCode(outer)).toBe('ECONNREFUSED');
  });

  it('failureCode() returns the code of an outer error if the innermost has none', () => {
    const inner = new Error('no code');
    const coded = Object.assign(new Error('failed', { cause: inner }), { code: 'UND_ERR_SOCKET' });
    expect(failureCode(new TypeError('fetch failed', { cause: coded }))).toBe('UND_ERR_SOCKET');
  });

  it('failureReason() names a port that fetch refuses, and quotes no other message', async () => {
    const refused = await fetch('http://127.0.0.1:1/').catch((error: unknown) => error);
    expect(failureReason(refused)).toBe('bad port');
    const quoting = new Error('Basic c2VjcmV0 is an invalid header');
    expect(failureReason(new TypeError('fetch failed', { cause: quoting }))).toBe('Error');
  });

  it('failureReason() lists every address that was tried', () => {
    const attempt = (code: string, address: unknown, port: unknown = 443) =>
      Object.assign(new Error('connect'), { code, address, port });
    const failed = (cause: Error) => failureReason(new TypeError('fetch failed', { cause }));
    expect(failed(attempt('ECONNREFUSED', '127.0.0.1'))).toBe('ECONNREFUSED 127.0.0.1:443');
    const both = [attempt('ETIMEDOUT', '::1'), attempt('ECONNREFUSED', '127.0.0.1')];
    expect(failed(new AggregateError(both))).toBe(
      'ETIMEDOUT [::1]:443, ECONNREFUSED 127.0.0.1:443',
    );
    expect(failed(attempt('ECONNREFUSED', 'Basic c2VjcmV0'))).toBe('ECONNREFUSED');
    expect(failed(attempt('ECONNREFUSED', '127.0.0.1', 'Basic c2VjcmV0'))).toBe('ECONNREFUSED');
    expect(failed(new AggregateError([null, hostile('address')]))).toBe('AggregateError');
  });

  it('errorCode() returns a well-formed code, else the name, else "unknown error"', () => {
    const header = 'Basic MTpxZl9za19zZWNyZXQ=';
    const codeOf = (properties: object) =>
      errorCode(Object.assign(new Error('failed'), properties));
    expect(codeOf({ code: 'UND_ERR_SOCKET' })).toBe('UND_ERR_SOCKET');
    expect(codeOf({ code: header })).toBe('Error');
    expect(codeOf({ code: header, name: header })).toBe('unknown error');
    expect(codeOf({ code: 20, name: 'AbortError' })).toBe('AbortError');
    expect(codeOf({ code: 'E'.repeat(65), name: '' })).toBe('unknown error');
    expect(codeOf({ code: 'E\nFORGED', name: { toString: throwing } })).toBe('unknown error');
  });
});

function ownCause(): Error {
  const error = new TypeError('round');
  error.cause = error;
  return error;
}
