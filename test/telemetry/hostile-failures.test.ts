import { describe, expect, it } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { Reporting } from './support/reporting.js';

const throwing = (): never => {
  throw new Error('accessor');
};
const keyed = (key: string): object => Object.defineProperty({}, key, { get: throwing });

/** Rejections of a custom `fetch`, with the reason to be logged. */
const rejections: [string, unknown, string][] = [
  ['undefined', undefined, 'unknown error'],
  ['an object whose code cannot be read', keyed('code'), 'unknown error'],
  ['an object whose name cannot be read', keyed('name'), 'unknown error'],
  ['an object whose cause cannot be read', keyed('cause'), 'unknown error'],
  [
    'a proxy that throws',
    new Proxy({}, { get: throwing, getPrototypeOf: throwing }),
    'unknown error',
  ],
  ['an error whose code is a header', failed({ code: 'Basic MTpxZl9za18=' }), 'Error'],
];

/** Invalid responses of a custom `fetch`. */
const responses: [string, unknown][] = [
  ['undefined', undefined],
  ['an object without headers', { status: 200 }],
  ['an object whose status is not a number', { status: Symbol('status'), headers: new Headers() }],
];

type Fetch = NonNullable<QuonfigModuleOptions['fetch']>;

describe('a custom fetch', () => {
  it.each(rejections)(
    'a custom fetch that rejects with %s counts as a failed request',
    async (_, thrown, reason) => {
      await failsAndRecovers(() => Promise.reject(thrown), reason);
    },
  );

  it.each(responses)(
    'a custom fetch that resolves to %s counts as a failed request',
    async (_, answer) => {
      await failsAndRecovers(() => Promise.resolve(answer as Response), 'TypeError');
    },
  );
});

async function failsAndRecovers(broken: Fetch, reason: string): Promise<void> {
  let failing = true;
  const t = await Reporting.start([200], {
    fetch: (input, init) => (failing ? broken(input, init) : fetch(input, init)),
  });
  t.record(1);
  await t.pass(60_000);
  expect(t.telemetry.batchesRetained).toBe(1);
  expect(t.log.lines()).toEqual([
    `debug Telemetry could not be sent: ${reason}. It is retained (1 batch) and will be sent again.`,
  ]);
  failing = false;
  await t.tick(1);
  expect(t.keysOf(0)).toEqual(['flag-1']);
}

function failed(properties: object): Error {
  return Object.assign(new Error('failed'), properties);
}
