import { createParser } from 'eventsource-parser';
import { eventTooLarge } from './sse-reconnect.messages.js';
import { StreamFailure } from './stream-failure.js';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DATA = Buffer.from('data:');
const NEW_LINE = Buffer.from('\n');
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
/** `data: ` and a byte order mark: what a line may have beside its data. */
const BESIDE_DATA = 9;
/** Pieces shorter than this are joined: a line that comes byte by byte is not kept as a million pieces. */
const SHORT_PIECE = 1_024;
/** A line that is longer, and no data, is not worth reading. */
const MAX_FIELD_BYTES = 65_536;

export interface StreamEvent {
  /** Absent when the event names none. */
  readonly id: string | undefined;
  /** UTF-8, in pieces. */
  readonly data: readonly Uint8Array[];
}

/**
 * Turns the bytes of an event stream into events. The values of `data` stay bytes, and the parser sees an empty line in
 * their place: so the largest envelope is never joined and decoded in one go, which would hold the event loop.
 */
export class EventReader {
  private readonly parser = createParser({ onEvent: ({ id, event }) => this.endEvent(id, event) });
  private events: StreamEvent[] = [];
  /** The line that has not ended. */
  private line: Buffer[] = [];
  private lineLength = 0;
  /** The data lines of the event that has not ended. */
  private data: Buffer[] = [];
  private dataLength = 0;
  private first = true;
  private afterReturn = false;
  private sawText = false;

  constructor(private readonly maxBytes: number) {}

  /** Whether a complete line has come. Empty ones do not count: a single byte is no sign of life. */
  get sawLine(): boolean {
    return this.sawText;
  }

  /**
   * The events that end in these bytes. Lines end with CR, LF or both.
   *
   * @throws StreamFailure when the data of an event, ended or not, is larger than the limit
   */
  read(chunk: Uint8Array): StreamEvent[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.events = [];
    let from = this.afterReturn && bytes[0] === LF ? 1 : 0;
    if (bytes.length > 0) this.afterReturn = false;
    let lf = bytes.indexOf(LF, from);
    let cr = bytes.indexOf(CR, from);
    while (lf !== -1 || cr !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      this.extendLine(bytes.subarray(from, end));
      this.endLine();
      from = end + 1;
      if (end === cr) {
        if (from === bytes.length) this.afterReturn = true;
        else if (bytes[from] === LF) from++;
        cr = bytes.indexOf(CR, from);
      }
      if (lf !== -1 && lf < from) lf = bytes.indexOf(LF, from);
    }
    this.extendLine(bytes.subarray(from));
    return this.events;
  }

  private extendLine(piece: Buffer): void {
    if (piece.length === 0) return;
    this.lineLength += piece.length;
    this.failAbove(this.dataLength + this.lineLength - BESIDE_DATA);
    const last = this.line.at(-1);
    if (last === undefined || last.length >= SHORT_PIECE) this.line.push(piece);
    else this.line[this.line.length - 1] = Buffer.concat([last, piece]);
  }

  private endLine(): void {
    const [head = Buffer.alloc(0), ...rest] = this.line;
    const long = this.lineLength > MAX_FIELD_BYTES;
    this.line = [];
    this.lineLength = 0;
    const start = this.first && startsWith(head, BYTE_ORDER_MARK) ? head.subarray(3) : head;
    this.first = false;
    if (start.length > 0) this.sawText = true;
    if (startsWith(start, DATA)) {
      this.addData([start.subarray(start[DATA.length] === SPACE ? 6 : 5), ...rest]);
      this.parser.feed('data:\n');
    } else if (!long) {
      const text = Buffer.concat([start, ...rest]).toString();
      if (text === 'data') this.addData([]);
      this.parser.feed(`${text}\n`);
    }
  }

  private addData(line: Buffer[]): void {
    for (const piece of line) {
      if (piece.length === 0) continue;
      this.dataLength += piece.length;
      this.data.push(piece);
    }
    this.failAbove(this.dataLength);
    // Several lines are one text; the end of the last is taken away again when the event ends.
    this.data.push(NEW_LINE);
    this.dataLength++;
  }

  private endEvent(id: string | undefined, name: string | undefined): void {
    const data = this.data.slice(0, -1);
    this.data = [];
    this.dataLength = 0;
    // By the standard an event without text is none, and one of another name is for another listener.
    if (data.length === 0 || (name !== undefined && name !== 'message')) return;
    this.events.push({ id, data });
  }

  private failAbove(size: number): void {
    if (size > this.maxBytes) throw new StreamFailure('too_large', eventTooLarge(this.maxBytes));
  }
}

function startsWith(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.subarray(0, beginning.length).equals(beginning);
}
