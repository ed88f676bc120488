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

/** The bytes of a text, cut after every `size` of them. */
function* cut(text: string, size: number): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

describe('The bytes of an event stream become events', () => {
  it('with id and data', () => {
    expect(readAll(['id: v7\ndata: {"a":1}\n\n'])).toEqual([{ id: 'v7', data: '{"a":1}' }]);
  });

  it.each([1, 2, 3, 5, 7])('wherever they are cut: every %i bytes', (size) => {
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
  ])('with lines that end with %s, as soon as the empty line is there', (_, end) => {
    expect(readAll([`id: 1${end}data: x${end}${end}`])).toEqual([{ id: '1', data: 'x' }]);
  });

  it('when CR and LF of one line end come apart', () => {
    expect(readAll(['data: a\r', '\ndata: b\r', '\n\r', '\n', 'data: c\n\n'])).toEqual([
      { id: undefined, data: 'a\nb' },
      { id: undefined, data: 'c' },
    ]);
  });

  it('with several data lines, which are one text', () => {
    expect(readAll(['data: {\ndata:"a":\ndata\ndata:  1}\n\n'])).toEqual([
      { id: undefined, data: '{\n"a":\n\n 1}' },
    ]);
  });

  it('whatever else is between them: comments, unknown fields, retry, empty lines', () => {
    const text =
      '\n\n: comment\nretry: 100\nretry: soon\nfoo: bar\nbaz\nevent: message\ndata: x\n\n';
    expect(readAll([text])).toEqual([{ id: undefined, data: 'x' }]);
  });

  it('but not those that are named otherwise or have no data', () => {
    expect(readAll(['event: ping\ndata: {}\n\nid: 3\n\ndata\n\ndata:\n\ndata: x\n\n'])).toEqual([
      { id: undefined, data: 'x' },
    ]);
  });

  it('without an event that has not ended', () => {
    expect(readAll(['data: x\n'])).toEqual([]);
  });

  it('when the line is far larger than the pieces it comes in', () => {
    const json = JSON.stringify('é'.repeat(100_000));
    const [event] = readAll(cut(`id: 1\ndata: ${json}\n\n`, 1_000));
    expect(event?.data === json).toBe(true);
  });

  it('in the same way with a byte order mark before the data', () => {
    expect(readAll(['\uFEFFdata: x\n\n\uFEFFdata: y\n\n'])).toEqual([{ id: undefined, data: 'x' }]);
  });
});

describe('The size limit of an event', () => {
  const limit = 1_000;

  it('admits data of just that size, byte by byte', () => {
    const data = 'x'.repeat(limit);
    expect(readAll(cut(`\uFEFFdata: ${data}\n\ndata:${data}\n\n`, 1), limit)).toHaveLength(2);
  });

  it.each(['data: ', 'data:'])('refuses one byte more (%s)', (prefix) => {
    expect(() => readAll([`${prefix}${'x'.repeat(limit + 1)}\n\n`], limit)).toThrow(
      /maxEnvelopeBytes/,
    );
  });

  it('counts bytes, not characters', () => {
    expect(() => readAll([`data: ${'é'.repeat(501)}\n\n`], limit)).toThrow(
      /larger than 1000 bytes/,
    );
  });

  it('holds for a line that never ends, whatever its field', () => {
    for (const beginning of ['data: ', ': ', '']) {
      expect(() => readAll(cut(beginning + 'x'.repeat(2 * limit), 10), limit)).toThrow(/larger/);
    }
  });

  it('holds for the data lines of one event together, with the one that has not ended', () => {
    const line = `data: ${'x'.repeat(400)}\n`;
    expect(() => readAll([line, line, `data: ${'x'.repeat(300)}`], limit)).toThrow(/larger/);
  });

  it('is counted anew for every event, and comments are not counted', () => {
    const event = `data: ${'x'.repeat(900)}\n\n`;
    expect(readAll([event + event, ': heartbeat\n'.repeat(500), event], limit)).toHaveLength(3);
  });
});

describe('A stream shows life', () => {
  it.each(['', ':', '\n', '\r\n\n', 'data: {"configs":'])('not with %j', (text) => {
    const reader = new EventReader(1_000);
    reader.read(Buffer.from(text));
    expect(reader.sawLine).toBe(false);
  });

  it.each([':\n', 'id: 1\n', ': heartbeat\r'])('with the complete line %j', (text) => {
    const reader = new EventReader(1_000);
    reader.read(Buffer.from(text));
    expect(reader.sawLine).toBe(true);
  });
});

describe('Data that comes in a great many short lines', () => {
  const line = 'data:\n';

  it('takes little more room than its bytes', () => {
    const reader = new EventReader(1_000_000);
    for (let chunk = 0; chunk < 100; chunk++) reader.read(Buffer.from(line.repeat(1_000)));
    const [event] = reader.read(Buffer.from('data: x\n\n'));
    expect(event!.data.length).toBeLessThan(100);
    expect(Buffer.concat(event!.data).toString()).toBe(`${'\n'.repeat(100_000)}x`);
  });

  it('is one text with a line end between two of them, however they are cut', () => {
    const text = 'data: a\ndata\ndata:b\nid: 1\ndata: c\n\n';
    for (const size of [1, 2, 3, 50]) {
      expect(readAll(cut(text, size))).toEqual([{ id: '1', data: 'a\n\nb\nc' }]);
    }
  });

  it('counts every line end', () => {
    expect(() => readAll([line.repeat(1_002)], 1_000)).toThrow('larger than 1000 bytes');
    expect(readAll([line.repeat(1_001), '\n'], 1_000)).toEqual([
      { id: undefined, data: '\n'.repeat(1_000) },
    ]);
  });
});
