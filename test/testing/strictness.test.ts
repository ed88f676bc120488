import { describe, expect, it } from 'vitest';
import { TestValueError } from '../../lib/index.js';
import { createTestQuonfig } from '../../lib/testing/index.js';

const logger = { warn: () => undefined, error: () => undefined };
const quonfig = createTestQuonfig({ 'checkout.new': true, text: 'maybe', count: 7, list: ['a'] });

describe('a key without a value', () => {
  it.each([
    ['get', () => quonfig.get('checkout.nwe', undefined, 1)],
    ['getBool with a default', () => quonfig.getBool('checkout.nwe', undefined, true)],
    ['isEnabled', () => quonfig.isEnabled('checkout.nwe')],
    ['details', () => quonfig.getBoolDetails('checkout.nwe')],
    ['shouldLog', () => quonfig.shouldLog({ configKey: 'checkout.nwe', desiredLevel: 'info' })],
    ['observe', () => quonfig.observe('checkout.nwe', undefined, true)],
    ['a live value', () => quonfig.live('checkout.nwe', undefined, true).value],
    ['a bound reader', () => quonfig.withContext({ user: { key: 'a' } }).get('checkout.nwe')],
  ])('a key without a value fails %s with its name and the closest key', (_, read) => {
    expect(read).toThrow(TestValueError);
    expect(read).toThrow(
      'The key "checkout.nwe" cannot be used in this test: no value was given for it. Did you mean "checkout.new"?',
    );
  });

  it('a key without a value does not fail a live value that is only declared', () => {
    expect(() => quonfig.live('checkout.nwe', undefined, true)).not.toThrow();
  });

  it('a key without a value can be inspected without an error', () => {
    expect(quonfig.rawConfig('checkout.nwe')).toBeUndefined();
    expect(quonfig.getRawMatch('checkout.nwe')).toBeUndefined();
    expect(quonfig.explain('checkout.nwe').outcome.errorCode).toBe('FLAG_NOT_FOUND');
  });

  it('a logger path without a config of the loggerKey follows the default level', () => {
    const service = createTestQuonfig({}, { loggerKey: 'log-level.app', logger });
    expect(service.shouldLog({ loggerPath: 'Cats', desiredLevel: 'warn' })).toBe(true);
    expect(service.shouldLog({ loggerPath: 'Cats', desiredLevel: 'info' })).toBe(false);
  });

  it('with allowUnknown, reads return what they return in production', () => {
    const lenient = createTestQuonfig({}, { allowUnknown: true });
    expect(lenient.getBool('nope', undefined, true)).toBe(true);
    expect(lenient.isEnabled('nope')).toBe(false);
    expect(lenient.getBoolDetails('nope').errorCode).toBe('FLAG_NOT_FOUND');
    expect(() => lenient.get('nope')).toThrow(/missing_default|No value found/);
  });
});

describe('a value of the wrong type', () => {
  it.each([
    ['isEnabled', () => quonfig.isEnabled('count'), 'a boolean'],
    ['getBool', () => quonfig.getBool('text'), 'a boolean'],
    ['getStringList', () => quonfig.getStringList('text', undefined, []), 'a list of strings'],
    ['getStringList without a default', () => quonfig.getStringList('count'), 'a list of strings'],
    ['details', () => quonfig.getNumberDetails('text'), 'another one'],
    ['getNumber', () => quonfig.getNumber('text'), 'number'],
  ])('a value of the wrong type fails %s', (_, read, wanted) => {
    expect(read).toThrow(wanted);
    expect(read).toThrow(/"(count|text)"/);
  });

  it('a value of the wrong type does not fail conversions that have a result', () => {
    expect(quonfig.getString('count')).toBe('7');
    expect(quonfig.getString('list')).toBe('a');
    expect(createTestQuonfig({ on: 'yes' }).getBool('on')).toBe(true);
    expect(createTestQuonfig({ port: '80' }).getNumber('port')).toBe(80);
  });
});
