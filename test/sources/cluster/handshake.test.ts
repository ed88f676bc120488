import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { helloIn, newHello } from '../../../lib/sources/cluster/handshake.js';
import { LinkError } from '../../../lib/sources/cluster/link-error.js';
import { isInSameContainer } from '../../../lib/sources/cluster/peer-process.js';

const sent = (hello: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(hello)) as Record<string, unknown>;

describe('the introduction of a process', () => {
  it('a process of the same container is recognized as such, and one of another container is not', () => {
    const hello = helloIn(sent(newHello(true)));
    expect(hello).toMatchObject({ pid: process.pid, host: hostname(), preferred: true });
    expect(isInSameContainer(hello)).toBe(true);
    expect(isInSameContainer({ ...hello, pidNamespace: 'pid:[1]' })).toBe(false);
  });

  it.each([{ nonce: 'x' }, { pid: '1' }, { pidNamespace: 1 }, { host: {} }, { preferred: 1 }])(
    'an introduction with %o is refused',
    (wrong) => {
      expect(() => helloIn(sent({ ...newHello(true), ...wrong }))).toThrow(LinkError);
    },
  );
});
