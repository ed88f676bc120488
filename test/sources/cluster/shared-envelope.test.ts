import { describe, expect, it } from 'vitest';
import {
  type Config,
  loadedEnvelope,
  packConfig,
  PackedConfig,
  type StoredConfig,
} from '../../../lib/model/index.js';
import { decodeEnvelope, encodeEnvelope } from '../../../lib/sources/cluster/shared-envelope.js';

const meta = { version: 'v7', environment: 'production', generation: 7, workspaceId: 'w' };

function packed(key: string, value: string): PackedConfig {
  const config: Config = {
    key,
    type: 'config',
    valueType: 'string',
    default: { rules: [{ value: { type: 'string', value } }] },
  };
  return packConfig(config) as PackedConfig;
}

const many = Array.from({ length: 500 }, (_, index) => packed(`key.${index}`, 'é'.repeat(index)));

/** The bytes in chunks, as a socket delivers them. */
function inChunks(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    chunks.push(Buffer.from(bytes.subarray(from, from + size)));
  }
  return chunks;
}

const none = (): undefined => undefined;
const jsonOf = (config: StoredConfig | undefined): string =>
  (config as PackedConfig).bytes.toString();

describe('the envelope that followers receive', () => {
  it.each([1, 7, 1_000, 65_536, 10_000_000])(
    'an envelope in chunks of %i bytes arrives with the same meta and byte-identical configs',
    async (size) => {
      const bytes = await encodeEnvelope(many, meta);
      const envelope = await decodeEnvelope(inChunks(bytes, size), none);
      expect(envelope.meta).toEqual(meta);
      expect(envelope.configs.map(jsonOf)).toEqual(many.map(jsonOf));
      expect(envelope.configs.map((config) => config.key)).toEqual(many.map(({ key }) => key));
    },
  );

  it('current configs with identical bytes are reused, and the others get their own memory', async () => {
    const changed = packed('key.3', 'other');
    const next = [...many.slice(0, 3), changed, ...many.slice(5), packed('new', 'value')];
    const bytes = await encodeEnvelope(next, meta);
    const current = new Map(many.map((config) => [config.key, config]));
    const { configs } = await decodeEnvelope(inChunks(bytes, 1_000), (key) => current.get(key));
    expect(configs.map(jsonOf)).toEqual(next.map(jsonOf));
    expect(configs[0]).toBe(many[0]);
    expect(configs[4]).toBe(many[5]);
    expect(configs[3]).not.toBe(many[3]);
    const { bytes: own } = configs[3] as PackedConfig;
    expect(own.buffer.byteLength).toBe(own.length);
  });

  it('the configs of a first envelope share the memory of the chunks in which they arrived', async () => {
    const chunks = inChunks(await encodeEnvelope(many, meta), 65_536);
    const { configs } = await decodeEnvelope(chunks, none);
    const buffers = new Set(configs.map((config) => (config as PackedConfig).bytes.buffer));
    // A config between two chunks has memory of its own.
    expect(buffers.size).toBeLessThan(2 * chunks.length);
    expect(buffers).toContain(chunks[1]!.buffer);
  });

  it('a config keeps no chunk in memory that is larger than sockets deliver', async () => {
    const given = [packed('a', 'x'), packed('b', 'x'), packed('large', 'x'.repeat(1_000_000))];
    const { configs } = await decodeEnvelope([await encodeEnvelope(given, meta)], none);
    for (const config of configs as PackedConfig[]) {
      expect(config.bytes.buffer.byteLength).toBe(config.byteLength);
    }
  });

  it('an envelope without configs and one with an unpacked config are accepted', async () => {
    const empty = await decodeEnvelope([await encodeEnvelope([], meta)], none);
    expect(empty).toEqual(loadedEnvelope([], meta));
    const config = packed('key', 'value').unpack();
    const { configs } = await decodeEnvelope([await encodeEnvelope([config], meta)], none);
    expect((configs[0] as PackedConfig).unpack()).toEqual(config);
  });

  it('a malformed envelope is refused', async () => {
    const indexed = (index: unknown, rest = ''): Buffer => {
      const json = Buffer.from(typeof index === 'string' ? index : JSON.stringify(index));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(json.length);
      return Buffer.concat([length, json, Buffer.from(rest)]);
    };
    const refused = [
      Buffer.alloc(0),
      Buffer.from('abc'),
      Buffer.from('not JSON at all'),
      indexed('{'),
      indexed('[]'),
      indexed({ meta }),
      indexed({ meta, keys: ['a'], lengths: [] }, '{}'),
      indexed({ meta, keys: ['a'], lengths: [3] }, '{}'),
      indexed({ meta, keys: ['a'], lengths: [1] }, '{}'),
      indexed({ meta, keys: ['a', 'b'], lengths: [3, -1] }, '{}'),
      indexed({ meta, keys: ['a'], lengths: ['2'] }, '{}'),
      indexed({ meta, keys: [1], lengths: [2] }, '{}'),
      indexed({ keys: [], lengths: [] }),
      indexed({ meta: { version: '' }, keys: [], lengths: [] }),
    ];
    for (const bytes of refused) {
      await expect(decodeEnvelope([bytes], none), bytes.toString()).rejects.toMatchObject({
        kind: 'invalid',
      });
    }
  });
});
