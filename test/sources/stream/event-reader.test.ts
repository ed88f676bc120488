import { describe, expect, it } from 'vitest';
import { EventReader } from '../../../lib/sources/stream/event-reader.js';

interface ReadEvent {
  id: string | undefined;
  data: string;
}

function readAll(chunks: Iterable<string | Uint8Array>, maxBytes = 1_000_000): ReadEvent[] {
  const reader = new EventReader(maxBytes);
  const events: ReadEvent[] = [];
  for (const chunk of chunks) {
    for (const { id, data } of reader.read(Buffer.from(chunk as string))) {
      events.push({ id, data: Buffer.concat(data).toString() });
    }
  }
  return events;
}

/** The bytes of a string in chunks of `size`. */
function* cut(text: string, size: number): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

describe('parsing an event stream', () => {
  it('an event has an id and data', () => {
    expect(readAll(['id: v7\ndata: {"a":1}\n\n'])).toEqual([{ id: 'v7', data: '{"a":1}' }]);
  });

  it.each([1, 2, 3, 5, 7])('events are parsed from chunks of %i bytes', (size) => {
    const text = '\uFEFFid: grün\r\ndata: {"name":"Zoë 🦊"}\r\n\r\n: hb\n\nid: 2\rdata:{}\r\r';
    expect(readAll(cut(text, size))).toEqual([
      { id: 'grün', data: '{"name":"Zoë 🦊"}' },
      { id: '2', data: '{}' },
    ]);
  });

  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('events with %s line endings end at the empty line', (_, end) => {
    expect(readAll([`id: 1${end}data: x${end}${end}`])).toEqual([{ id: '1', data: 'x' }]);
  });

  it('the CR and LF of one line ending may arrive in different chunks', () => {
    expect(readAll(['data: a\r', '\ndata: b\r', '\n\r', '\n', 'data: c\n\n'])).toEqual([
      { id: undefined, data: 'a\nb' },
      { id: undefined, data: 'c' },
    ]);
  });

  it('several data lines are joined with line feeds', () => {
    expect(readAll(['data: {\ndata:"a":\ndata\ndata:  1}\n\n'])).toEqual([
      { id: undefined, data: '{\n"a":\n\n 1}' },
    ]);
  });

  it('comments, unknown fields, retry and empty lines are ignored', () => {
    const text =
      '\n\n: comment\nretry: 100\nretry: soon\nfoo: bar\nbaz\nevent: message\ndata: x\n\n';
    expect(readAll([text])).toEqual([{ id: undefined, data: 'x' }]);
  });

  it('events with another name or without data are ignored', () => {
    expect(readAll(['event: ping\ndata: {}\n\nid: 3\n\ndata\n\ndata:\n\ndata: x\n\n'])).toEqual([
      { id: undefined, data: 'x' },
    ]);
  });

  it('an unfinished event is not returned', () => {
    expect(readAll(['data: x\n'])).toEqual([]);
  });

  it('a line may be far longer than its chunks', () => {
    const json = JSON.stringify('é'.repeat(100_000));
    const [event] = readAll(cut(`id: 1\ndata: ${json}\n\n`, 1_000));
    expect(event?.data === json).toBe(true);
  });

  it('a byte order mark is skipped only at the start of the stream', () => {
    expect(readAll(['\uFEFFdata: x\n\n\uFEFFdata: y\n\n'])).toEqual([{ id: undefined, data: 'x' }]);
  });
});

describe('the size limit of an event', () => {
  const limit = 1_000;

  it('the data of an event may be exactly as long as the limit', () => {
    const data = 'x'.repeat(limit);
    expect(readAll(cut(`\uFEFFdata: ${data}\n\ndata:${data}\n\n`, 1), limit)).toHaveLength(2);
  });

  it.each(['data: ', 'data:'])('one byte more than the limit is rejected (%s)', (prefix) => {
    expect(() => readAll([`${prefix}${'x'.repeat(limit + 1)}\n\n`], limit)).toThrow(
      /maxEnvelopeBytes/,
    );
  });

  it('the size of an event is measured in bytes', () => {
    expect(() => readAll([`data: ${'é'.repeat(501)}\n\n`], limit)).toThrow(/exceeds 1000 bytes/);
  });

  it('a line that never ends is rejected at the limit, whatever its field', () => {
    for (const prefix of ['data: ', ': ', '']) {
      expect(() => readAll(cut(prefix + 'x'.repeat(2 * limit), 10), limit)).toThrow(/exceeds/);
    }
  });

  it('the limit applies to all data lines of an event, including an unfinished one', () => {
    const line = `data: ${'x'.repeat(400)}\n`;
    expect(() => readAll([line, line, `data: ${'x'.repeat(300)}`], limit)).toThrow(/exceeds/);
  });

  it('every event is measured separately, and comments are not counted', () => {
    const event = `data: ${'x'.repeat(900)}\n\n`;
    expect(readAll([event + event, ': heartbeat\n'.repeat(500), event], limit)).toHaveLength(3);
  });
});

describe('hasReadLine', () => {
  it.each(['', ':', '\n', '\r\n\n', 'data: {"configs":'])(
    'hasReadLine is false after %j',
    (text) => {
      const reader = new EventReader(1_000);
      reader.read(Buffer.from(text));
      expect(reader.hasReadLine).toBe(false);
    },
  );

  it.each([':\n', 'id: 1\n', ': heartbeat\r'])(
    'hasReadLine is true after the complete line %j',
    (text) => {
      const reader = new EventReader(1_000);
      reader.read(Buffer.from(text));
      expect(reader.hasReadLine).toBe(true);
    },
  );
});

describe('events of many short lines', () => {
  const line = 'data:\n';

  it('many short data lines take little more memory than their bytes', () => {
    const reader = new EventReader(1_000_000);
    for (let chunk = 0; chunk < 100; chunk++) reader.read(Buffer.from(line.repeat(1_000)));
    const [event] = reader.read(Buffer.from('data: x\n\n'));
    expect(event!.data.length).toBeLessThan(100);
    expect(Buffer.concat(event!.data).toString()).toBe(`${'\n'.repeat(100_000)}x`);
  });

  it('short data lines are joined with line feeds in chunks of any size', () => {
    const text = 'data: a\ndata\ndata:b\nid: 1\ndata: c\n\n';
    for (const size of [1, 2, 3, 50]) {
      expect(readAll(cut(text, size))).toEqual([{ id: '1', data: 'a\n\nb\nc' }]);
    }
  });

  it('every line feed between data lines counts toward the limit', () => {
    expect(() => readAll([line.repeat(1_002)], 1_000)).toThrow('exceeds 1000 bytes');
    expect(readAll([line.repeat(1_001), '\n'], 1_000)).toEqual([
      { id: undefined, data: '\n'.repeat(1_000) },
    ]);
  });
});
