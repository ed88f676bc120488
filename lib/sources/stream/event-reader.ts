import { BytePieces } from './byte-pieces.js';
import { eventTooLarge } from './sse-reconnect.messages.js';
import { StreamFailure } from './stream-failure.js';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DATA = Buffer.from('data:');
const NEW_LINE = Buffer.from('\n');
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
/** `data: ` and a byte order mark: what a line may hold besides its data, in bytes. */
const BESIDE_DATA = 9;
/** Longer lines that carry no data are ignored. */
const MAX_FIELD_BYTES = 65_536;

export interface StreamEvent {
  /** Absent when the event names none. */
  readonly id: string | undefined;
  /** UTF-8, in pieces. */
  readonly data: readonly Uint8Array[];
}

/**
 * Turns the bytes of an event stream into events, by the rules of the HTML standard ("Interpreting an event stream").
 *
 * Parsed here and not by a library: those decode each line to a string and join them, and an envelope of many megabytes
 * in one string would hold the event loop. Here `data` stays bytes in the pieces they arrived in.
 */
export class EventReader {
  private events: StreamEvent[] = [];
  /** The line that has not ended. */
  private readonly line = new BytePieces();
  /** The data lines of the event that has not ended. */
  private readonly data = new BytePieces();
  private hasData = false;
  private id: string | undefined;
  private eventName = '';
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
    if (start.length === 0 && rest.length === 0) {
      this.endEvent();
      return;
    }
    this.sawText = true;
    if (startsWith(start, DATA)) {
      this.addData([start.subarray(start[DATA.length] === SPACE ? 6 : 5), ...rest]);
    } else if (!long) {
      this.addField(Buffer.concat([start, ...rest]).toString());
    }
  }

  /** A line without data: `id`, `event`, or a field that means nothing here. */
  private addField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.addData([]);
    else if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'event') this.eventName = value;
  }

  private addData(line: Buffer[]): void {
    // Several data lines of one event are joined with a line break.
    if (this.hasData) this.data.add(NEW_LINE);
    this.hasData = true;
    for (const piece of line) if (piece.length > 0) this.data.add(piece);
    this.failAbove(this.data.length);
  }

  private endEvent(): void {
    const { id, eventName } = this;
    const data = this.data.take();
    this.hasData = false;
    this.id = undefined;
    this.eventName = '';
    // By the standard, an event without data is none. One with another name is for other listeners.
    if (data.length === 0 || (eventName !== '' && eventName !== 'message')) return;
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
