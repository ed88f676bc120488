import { createHmac, timingSafeEqual } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { serve } from '../support/networked.js';
import { ADAPTERS, basic, get, RELAY_KEY, relayOf } from './support/relays.js';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    createHmac: vi.fn(crypto.createHmac),
    timingSafeEqual: vi.fn(crypto.timingSafeEqual),
  };
});

const OTHERS = Array.from({ length: 20 }, (_, index) => `other_key_${index}_0123456789`);

it.each(ADAPTERS)(
  'checking a key takes the same work whether it is right, almost right, unknown or missing, on %s',
  async (adapter) => {
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'hello' } }) });
    const { url } = await relayOf(server, { adapter, keys: [...OTHERS, RELAY_KEY] });
    const headers: Record<string, string>[] = [
      { authorization: basic(RELAY_KEY) },
      { authorization: basic(`${RELAY_KEY.slice(0, -1)}x`) },
      { authorization: basic(`x${RELAY_KEY.slice(1)}`) },
      { authorization: basic('unknown_key_0123456789') },
      { authorization: basic('') },
      { authorization: `Bearer ${RELAY_KEY}` },
      { authorization: 'Basic' },
      {},
    ];
    const statuses: number[] = [];
    for (const each of headers) {
      vi.mocked(createHmac).mockClear();
      vi.mocked(timingSafeEqual).mockClear();
      statuses.push((await get(`${url}/api/v2/configs`, each)).status);
      // One digest and one comparison of two digests, which takes constant time.
      expect(createHmac).toHaveBeenCalledOnce();
      expect(timingSafeEqual).toHaveBeenCalledOnce();
      const [one, other] = vi.mocked(timingSafeEqual).mock.calls[0]!;
      expect([one.byteLength, other.byteLength]).toEqual([32, 32]);
    }
    expect(statuses).toEqual([200, ...Array<number>(7).fill(401)]);
  },
);
