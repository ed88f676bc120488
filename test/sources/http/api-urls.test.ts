import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors/index.js';
import {
  type Addresses,
  type AddressOptions,
  deliveryAddresses,
  isBaseUrl,
} from '../../../lib/sources/http/api-urls.js';

describe('deliveryAddresses', () => {
  it('the URLs default to the primary, secondary, stream and telemetry URLs of the domain', () => {
    expect(addressesFor({})).toEqual({
      apiUrls: ['https://primary.example.org', 'https://secondary.example.org'],
      streamUrl: 'https://stream.primary.example.org',
      telemetryUrl: 'https://telemetry.example.org',
    });
  });

  it('every URL can be set, and its trailing slashes are removed', () => {
    const given = addressesFor({
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
    expect(addressesFor({ apiUrls }).apiUrls).toEqual(apiUrls.slice(0, 2));
    expect(addressesFor({ apiUrls: apiUrls.slice(2) }).apiUrls).toEqual(['https://c.example']);
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
    expect(addressesFor({ apiUrls }).streamUrl).toBe(stream);
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
    const error = thrownBy(() => addressesFor(options));
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
      const domainSetBy = 'QUONFIG_DOMAIN';
      expect(thrownBy(() => addressesFor({ domain })).problems[0]).toMatch(/^domain /);
      expect(thrownBy(() => addressesFor({ domain, domainSetBy })).problems[0]).toMatch(
        /^QUONFIG_DOMAIN /,
      );
    },
  );

  it.each([
    ['undefined', [undefined], ['apiUrls[0]']],
    ['undefined beside a URL', ['https://a.example', undefined], ['apiUrls[1]']],
    ['a hole', Array(2), ['apiUrls[0]', 'apiUrls[1]']],
    ['null', [null], ['apiUrls[0]']],
  ])('a list of API URLs with %s is rejected', (_, apiUrls, places) => {
    const { problems } = thrownBy(() => addressesFor({ apiUrls: apiUrls as string[] }));
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(places);
  });

  it('an empty list of API URLs is rejected', () => {
    expect(thrownBy(() => addressesFor({ apiUrls: [] })).problems[0]).toMatch(/^apiUrls /);
  });
});

function addressesFor(options: Partial<AddressOptions>): Addresses {
  return deliveryAddresses({ domain: 'example.org', domainSetBy: 'domain', ...options });
}

function thrownBy(act: () => unknown): InvalidOptionsError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return error as InvalidOptionsError;
  }
  throw new Error('Nothing was thrown.');
}
