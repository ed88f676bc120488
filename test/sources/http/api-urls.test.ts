import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors/index.js';
import { deliveryAddresses, isBaseUrl } from '../../../lib/sources/http/api-urls.js';

describe('deliveryAddresses', () => {
  it('the URLs default to quonfig.com', () => {
    expect(deliveryAddresses({}, {})).toEqual({
      apiUrls: ['https://primary.quonfig.com', 'https://secondary.quonfig.com'],
      streamUrl: 'https://stream.primary.quonfig.com',
      telemetryUrl: 'https://telemetry.quonfig.com',
    });
  });

  it('the domain option takes precedence over QUONFIG_DOMAIN', () => {
    const env = { QUONFIG_DOMAIN: 'variable.example' };
    expect(deliveryAddresses({}, env).apiUrls[0]).toBe('https://primary.variable.example');
    const given = deliveryAddresses({ domain: 'option.example' }, env);
    expect(given.apiUrls[1]).toBe('https://secondary.option.example');
    expect(given.telemetryUrl).toBe('https://telemetry.option.example');
    expect(deliveryAddresses({}, { QUONFIG_DOMAIN: '' }).apiUrls[0]).toBe(
      'https://primary.quonfig.com',
    );
  });

  it('other environment variables have no effect on the URLs', () => {
    const env = {
      QUONFIG_API_URLS: 'https://a.example',
      QUONFIG_TELEMETRY_URL: 'https://b.example',
    };
    expect(deliveryAddresses({}, env)).toEqual(deliveryAddresses({}, {}));
  });

  it('every URL can be set, and its trailing slashes are removed', () => {
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

  it('only the first two API URLs are used', () => {
    const apiUrls = ['https://a.example', 'https://b.example', 'https://c.example'];
    expect(deliveryAddresses({ apiUrls }).apiUrls).toEqual(apiUrls.slice(0, 2));
    expect(deliveryAddresses({ apiUrls: apiUrls.slice(2) }).apiUrls).toEqual(['https://c.example']);
  });
});

describe('the stream URL', () => {
  it.each([
    ['https://primary.example', 'https://stream.primary.example'],
    ['http://h:8080/x', 'http://stream.h:8080/x'],
    ['http://localhost:8080/', 'http://stream.localhost:8080'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('the primary %s has the stream %s', (primary, stream) => {
    const apiUrls = [primary, 'https://other.example'];
    expect(deliveryAddresses({ apiUrls }).streamUrl).toBe(stream);
  });
});

describe('invalid URLs', () => {
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
  ])('the URL %s is invalid', (value) => {
    expect(isBaseUrl(value)).toBe(false);
  });

  it('all invalid URLs are reported at once without quoting them', () => {
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

  it.each(['a b', 'a/b', 'user@a', '.a', 'a..b', 'a:b'])(
    'the domain "%s" is rejected',
    (domain) => {
      expect(thrownBy(() => deliveryAddresses({ domain })).problems[0]).toMatch(/^domain /);
      const env = { QUONFIG_DOMAIN: domain };
      expect(thrownBy(() => deliveryAddresses({}, env)).problems[0]).toMatch(/^QUONFIG_DOMAIN /);
    },
  );

  it.each([
    ['undefined', [undefined], ['apiUrls[0]']],
    ['undefined beside a URL', ['https://a.example', undefined], ['apiUrls[1]']],
    ['a hole', Array(2), ['apiUrls[0]', 'apiUrls[1]']],
    ['null', [null], ['apiUrls[0]']],
  ])('a list of API URLs with %s is rejected', (_, apiUrls, places) => {
    const { problems } = thrownBy(() => deliveryAddresses({ apiUrls: apiUrls as string[] }));
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(places);
  });

  it('an empty list of API URLs is rejected', () => {
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
