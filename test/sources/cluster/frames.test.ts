import { describe, expect, it } from 'vitest';
import {
  type Frame,
  frameOf,
  FrameReader,
  jsonFrame,
  jsonIn,
} from '../../../lib/sources/cluster/frames.js';

const limits = { status: 100, envelope: 1_000_000, reconnect: 0 };

/** The frames in these bytes, which arrive in pieces of this size. */
function read(bytes: Buffer, size: number): Frame[] {
  const reader = new FrameReader(limits);
  const frames: Frame[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    frames.push(...reader.read(bytes.subarray(from, from + size)));
  }
  return frames;
}

const contentOf = ({ content }: Frame): string => Buffer.concat(content).toString();

describe('frames between processes', () => {
  it.each([1, 2, 3, 7, 4_096, 1_000_000])('frames in %i-byte pieces are reassembled', (size) => {
    const large = 'é'.repeat(10_000);
    const bytes = Buffer.concat([
      jsonFrame('status', { state: 'connected' }),
      frameOf('reconnect'),
      frameOf('envelope', [Buffer.from(large), Buffer.from('end')]),
      frameOf('envelope'),
      frameOf('reconnect'),
    ]);
    const frames = read(bytes, size);
    expect(frames.map(({ type }) => type)).toEqual([
      'status',
      'reconnect',
      'envelope',
      'envelope',
      'reconnect',
    ]);
    expect(jsonIn(frames[0]!)).toEqual({ state: 'connected' });
    expect(contentOf(frames[2]!)).toBe(`${large}end`);
    expect(contentOf(frames[3]!)).toBe('');
  });

  it('a frame that is too large, unknown or unexpected is refused as soon as its header arrives', () => {
    const invalid = expect.objectContaining({ kind: 'invalid' }) as Error;
    const header = (length: number, type: number): Buffer => {
      const bytes = Buffer.alloc(5);
      bytes.writeUInt32BE(length);
      bytes[4] = type;
      return bytes;
    };
    expect(() => read(header(2 ** 32 - 1, 3), 5)).toThrow(invalid);
    expect(() => read(header(1_000_001, 3), 5)).toThrow('raise maxEnvelopeBytes');
    expect(() => read(header(101, 2), 5)).toThrow(invalid);
    expect(() => read(header(1, 4), 5)).toThrow(invalid);
    expect(() => read(header(0, 200), 5)).toThrow(invalid);
    expect(() => read(frameOf('hello'), 5)).toThrow(invalid);
    expect(() => read(Buffer.from('GET / HTTP/1.1\r\n'), 3)).toThrow(invalid);
  });

  it('content that is not a JSON object is refused', () => {
    const invalid = expect.objectContaining({ kind: 'invalid' }) as Error;
    for (const text of ['', '{', '[]', 'null', '1']) {
      expect(() => jsonIn({ type: 'status', content: [Buffer.from(text)] })).toThrow(invalid);
    }
  });
});
