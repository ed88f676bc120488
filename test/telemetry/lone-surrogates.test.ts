import { expect, it } from 'vitest';
import { constant, envelope } from '../support/configs.js';
import { Reporting } from './support/reporting.js';

const HIGH = '\ud83d';
const LOW = '\ude00';
const PAIR = HIGH + LOW;

/** Long enough to be cut everywhere, with a pair or half of one at every possible border. */
const LONG = [PAIR.repeat(10_000), `x${PAIR.repeat(10_000)}`, LOW.repeat(20_000)];

it('a report has only well-formed strings, whatever configs and contexts contain', async () => {
  const strings = [HIGH, LOW, LOW + HIGH, ...LONG];
  const configs = strings.flatMap((string, index) => [
    constant(`string-${index}`, 'string', string),
    constant(`list-${index}`, 'string_list', [string, `${string}x`]),
    constant(`json-${index}`, 'json', { [string]: [string, { a: string }] }),
  ]);
  const t = await Reporting.start([200], {
    datafile: envelope([...configs, { ...constant(HIGH, 'string', 'x'), id: LOW }]),
    instanceHash: HIGH,
  });

  for (const key of t.service.keys()) t.service.get(key);
  strings.forEach((string, index) => {
    const properties = { [string]: string, tags: [string, PAIR], when: new Date(0) };
    t.service.get('string-0', { user: { key: `${string}${index}`, ...properties } });
    t.service.get('string-0', { [string]: { trackingId: string, key: string } });
    t.service.get('string-0', {
      [string]: properties,
      user: { key: string },
      team: { key: string },
    });
  });
  await t.tick(1);

  const { body } = t.stub.requests[0]!;
  const found: string[] = [];
  JSON.parse(body, (name, value: unknown) => {
    found.push(name);
    if (typeof value === 'string') found.push(value);
    return value;
  });
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((string) => !string.isWellFormed())).toEqual([]);
  // The values of JSON configs are reported as JSON text, which has no half of a pair either.
  expect(body).not.toMatch(/\\u[dD][89a-fA-F]/);
});
