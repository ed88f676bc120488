import { createParser } from 'eventsource-parser';
import { BytePieces } from './byte-pieces.js';
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
  private readonly line = new BytePieces();
  /** The data lines of the event that has not ended. */
  private readonly data = new BytePieces();
  /** Whether the parser knows that the event has data. */
  private hasData = false;
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
    this.line.add(piece);
    this.failAbove(this.data.length + this.line.length - BESIDE_DATA);
  }

  private endLine(): void {
    const long = this.line.length > MAX_FIELD_BYTES;
    const [head, ...rest] = withLongHead(this.line.take());
    const start = this.first && startsWith(head, BYTE_ORDER_MARK) ? head.subarray(3) : head;
    this.first = false;
    if (start.length > 0) this.sawText = true;
    if (startsWith(start, DATA)) {
      this.addData([start.subarray(start[DATA.length] === SPACE ? 6 : 5), ...rest]);
    } else if (!long) {
      const text = Buffer.concat([start, ...rest]).toString();
      if (text === 'data') this.addData([]);
      else this.parser.feed(`${text}\n`);
    }
  }

  private addData(line: Buffer[]): void {
    if (!this.hasData) this.parser.feed('data:\n');
    // Several lines are one text.
    else this.data.add(NEW_LINE);
    this.hasData = true;
    for (const piece of line) if (piece.length > 0) this.data.add(piece);
    this.failAbove(this.data.length);
  }

  private endEvent(id: string | undefined, name: string | undefined): void {
    const data = this.data.take();
    this.hasData = false;
    // By the standard an event without text is none, and one of another name is for another listener.
    if (data.length === 0 || (name !== undefined && name !== 'message')) return;
    this.events.push({ id, data });
  }

  private failAbove(size: number): void {
    if (size > this.maxBytes) throw new StreamFailure('too_large', eventTooLarge(this.maxBytes));
  }
}

/** The first piece holds at least what is looked at first, if there is so much. */
function withLongHead(pieces: Buffer[]): [Buffer, ...Buffer[]] {
  let [head = Buffer.alloc(0), ...rest] = pieces;
  while (head.length < BESIDE_DATA && rest.length > 0) head = Buffer.concat([head, rest.shift()!]);
  return [head, ...rest];
}

function startsWith(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.subarray(0, beginning.length).equals(beginning);
}
