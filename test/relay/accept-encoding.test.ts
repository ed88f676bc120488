import { expect, it } from 'vitest';
import { encodingFor, matchesEtag } from '../../lib/relay/accept-encoding.js';

it.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip', 'gzip'],
  ['br', 'br'],
  ['gzip, deflate, br', 'br'],
  ['GZIP;Q=0.9, br;q=0.5', 'gzip'],
  ['gzip;q=0', 'identity'],
  ['br;q=0, *', 'gzip'],
  ['*;q=0', 'identity'],
  ['identity, gzip;q=0.5', 'identity'],
  ['gzip;q=nonsense', 'identity'],
  ['deflate, zstd', 'identity'],
  ['x-gzip', 'gzip'],
])('Accept-Encoding: %s selects %s', (header, encoding) => {
  expect(encodingFor(header)).toBe(encoding);
});

it.each([
  [undefined, false],
  ['W/"a"', true],
  ['"a"', true],
  ['"b", W/"a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
])('If-None-Match: %s matches W/"a": %s', (header, matches) => {
  expect(matchesEtag(header, 'W/"a"')).toBe(matches);
});
