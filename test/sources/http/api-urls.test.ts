import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors/index.js';
import { deliveryAddresses, isBaseUrl } from '../../../lib/sources/http/api-urls.js';

describe('the addresses', () => {
  it('are those of quonfig.com unless something else is said', () => {
    expect(deliveryAddresses({}, {})).toEqual({
      apiUrls: ['https://primary.quonfig.com', 'https://secondary.quonfig.com'],
      streamUrl: 'https://stream.primary.quonfig.com',
      telemetryUrl: 'https://telemetry.quonfig.com',
    });
  });

  it('follow the variable, and the option before it', () => {
    const env = { QUONFIG_DOMAIN: 'variable.example' };
    expect(deliveryAddresses({}, env).apiUrls[0]).toBe('https://primary.variable.example');
    const given = deliveryAddresses({ domain: 'option.example' }, env);
    expect(given.apiUrls[1]).toBe('https://secondary.option.example');
    expect(given.telemetryUrl).toBe('https://telemetry.option.example');
    expect(deliveryAddresses({}, { QUONFIG_DOMAIN: '' }).apiUrls[0]).toBe(
      'https://primary.quonfig.com',
    );
  });

  it('are not taken from variables of other names', () => {
    const env = {
      QUONFIG_API_URLS: 'https://a.example',
      QUONFIG_TELEMETRY_URL: 'https://b.example',
    };
    expect(deliveryAddresses({}, env)).toEqual(deliveryAddresses({}, {}));
  });

  it('can be given one by one, without their last slash', () => {
    const given = deliveryAddresses({
      apiUrls: ['https://one.example/base/', 'http://two.example:81//'],
      streamUrl: 'http://127.0.0.1:9000/events/',
      telemetryUrl: 'https://three.example/',
    });
    expect(given).toEqual({
      apiUrls: ['https://one.example/base', 'http://two.example:81'],
      streamUrl: 'http://127.0.0.1:9000/events',
      telemetryUrl: 'https://three.example',
    });
  });

  it('are two at most', () => {
    const apiUrls = ['https://a.example', 'https://b.example', 'https://c.example'];
    expect(deliveryAddresses({ apiUrls }).apiUrls).toEqual(apiUrls.slice(0, 2));
    expect(deliveryAddresses({ apiUrls: apiUrls.slice(2) }).apiUrls).toEqual(['https://c.example']);
  });
});

describe('the stream', () => {
  it.each([
    ['https://primary.example', 'https://stream.primary.example'],
    ['http://h:8080/x', 'http://stream.h:8080/x'],
    ['http://localhost:8080/', 'http://stream.localhost:8080'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('of %s is at %s', (primary, stream) => {
    const apiUrls = [primary, 'https://other.example'];
    expect(deliveryAddresses({ apiUrls }).streamUrl).toBe(stream);
  });
});

describe('addresses that are none', () => {
  it.each([
    '',
    'example.com',
    '/path',
    'ftp://example.com',
    'https://',
    'https://user:secret@example.com',
    'https://example.com?query',
    'https://example.com/#fragment',
    7,
    null,
  ])('are known: %s', (value) => {
    expect(isBaseUrl(value)).toBe(false);
  });

  it('are all named at once, and not quoted', () => {
    const options = {
      domain: 'https://secret.example/',
      apiUrls: ['https://good.example', 'https://user:secret@example.com'],
      streamUrl: 'secret',
      telemetryUrl: 'https://example.com?secret',
    };
    const error = thrownBy(() => deliveryAddresses(options));
    expect(error.code).toBe('invalid_options');
    expect(error.problems.map((problem) => problem.split(' ')[0])).toEqual([
      'domain',
      'apiUrls[1]',
      'streamUrl',
      'telemetryUrl',
    ]);
    expect(error.message).not.toContain('secret');
  });

  it.each(['a b', 'a/b', 'user@a', '.a', 'a..b', 'a:b'])('include the domain "%s"', (domain) => {
    expect(thrownBy(() => deliveryAddresses({ domain })).problems[0]).toMatch(/^domain /);
    const env = { QUONFIG_DOMAIN: domain };
    expect(thrownBy(() => deliveryAddresses({}, env)).problems[0]).toMatch(/^QUONFIG_DOMAIN /);
  });

  it('include an empty list', () => {
    expect(thrownBy(() => deliveryAddresses({ apiUrls: [] })).problems[0]).toMatch(/^apiUrls /);
  });
});

function thrownBy(act: () => unknown): InvalidOptionsError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return error as InvalidOptionsError;
  }
  throw new Error('Nothing was thrown.');
}
