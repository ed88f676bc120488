import { describe, expect, it, vi } from 'vitest';
import * as quonfig from '../../lib/index.js';
import { isQuonfigError, QuonfigError } from '../../lib/index.js';

type ErrorClass = new (...parameters: never[]) => QuonfigError;

const classes = Object.entries(quonfig as Record<string, unknown>).filter(
  (entry): entry is [string, ErrorClass] =>
    typeof entry[1] === 'function' && (entry[1].prototype as unknown) instanceof Error,
);

/** The library as another module loader would load it: the same code, other classes. */
async function otherCopy(): Promise<typeof quonfig> {
  vi.resetModules();
  return import('../../lib/index.js');
}

/** An error of a class without calling its constructor, whose parameters differ. */
const blank = (errorClass: ErrorClass): QuonfigError =>
  Object.create(errorClass.prototype) as QuonfigError;

describe('error classes', () => {
  it.each(classes)(
    '%s has its name even when a bundler has renamed the class',
    (name, errorClass) => {
      expect(Object.getOwnPropertyDescriptor(errorClass.prototype, 'name')?.value).toBe(name);
    },
  );

  it('an error shows its class and message in its stack', () => {
    expect(new quonfig.ClosedError().stack).toMatch(/^ClosedError: This Quonfig service is closed/);
  });

  it('an error is an instance of its own class and its ancestors, and of no sibling', () => {
    const error = new quonfig.MalformedDurationError('timeout');
    expect(error).toBeInstanceOf(quonfig.CoercionError);
    expect(error).toBeInstanceOf(QuonfigError);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(quonfig.ClosedError);
    expect(new quonfig.CoercionError('a', 'int')).not.toBeInstanceOf(
      quonfig.MalformedDurationError,
    );
  });

  it('an application class that extends QuonfigError recognizes only its own errors', () => {
    class ShopError extends QuonfigError {}
    expect(new ShopError('shop', 'closed')).toBeInstanceOf(ShopError);
    expect(new ShopError('shop', 'closed')).toBeInstanceOf(QuonfigError);
    expect(new QuonfigError('shop', 'closed')).not.toBeInstanceOf(ShopError);
  });

  it('instanceof recognizes each error of another loaded copy of the package', async () => {
    const copy = await otherCopy();
    for (const [name, errorClass] of classes) {
      const foreign = blank((copy as Record<string, unknown>)[name] as ErrorClass);
      expect(Object.getPrototypeOf(foreign)).not.toBe(errorClass.prototype);
      expect(foreign, name).toBeInstanceOf(errorClass);
    }
    expect(blank(copy.ClosedError)).not.toBeInstanceOf(quonfig.CoercionError);
  });

  it('isQuonfigError recognizes errors of every copy, and nothing else', async () => {
    const copy = await otherCopy();
    expect(isQuonfigError(new quonfig.ClosedError())).toBe(true);
    expect(isQuonfigError(new copy.ClosedError())).toBe(true);
    for (const other of [new Error('no'), undefined, null, 'text', 1, {}, () => undefined]) {
      expect(isQuonfigError(other)).toBe(false);
    }
  });

  it('JSON of an error has its name, code, message and fields, and no stack', () => {
    const error = new quonfig.DeliveryHttpError('https://primary.example.com', 503);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'DeliveryHttpError',
      code: 'http_error',
      message: error.message,
      status: 503,
      reason: 'status 503',
      remedy: 'Check the API, and any proxy in between.',
      retryAfterMs: 0,
    });
  });
});
