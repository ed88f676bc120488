import { ChunkBuffer } from './chunk-buffer.js';
import { eventTooLarge } from './sse-reconnect.messages.js';
import { StreamFailure } from './stream-failure.js';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DATA = Buffer.from('data:');
const NEW_LINE = Buffer.from('\n');
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
/** The length of `data: ` and a byte order mark, which a line may contain besides its data. */
const DATA_OVERHEAD_BYTES = 9;
/** Longer lines without data are ignored. */
const MAX_FIELD_BYTES = 65_536;

export interface StreamEvent {
  /** `undefined` if the event has none. */
  readonly id: string | undefined;
  /** UTF-8, in chunks. */
  readonly data: readonly Uint8Array[];
}

/**
 * Parses the bytes of an event stream into events, as the HTML standard specifies ("Interpreting an event stream").
 *
 * No library is used, because libraries decode and join the lines: one string of many megabytes would block the event loop.
 * Here, `data` stays in the chunks in which it arrived.
 */
export class EventReader {
  private events: StreamEvent[] = [];
  /** The incomplete line. */
  private readonly line = new ChunkBuffer();
  /** The data lines of the incomplete event. */
  private readonly data = new ChunkBuffer();
  private hasData = false;
  private id: string | undefined;
  private eventName = '';
  private first = true;
  private afterReturn = false;
  private lineRead = false;
  private retry: number | undefined;

  constructor(private readonly maxBytes: number) {}

  /** Whether a complete line was read. Empty lines do not count: a single byte does not prove that the stream works. */
  get hasReadLine(): boolean {
    return this.lineRead;
  }

  /** The latest wait before a reconnect that the server requested, in ms. */
  get retryMs(): number | undefined {
    return this.retry;
  }

  /**
   * Returns the events that end in this chunk. Lines end with CR, LF or CRLF.
   *
   * @throws {StreamFailure} if the data of an event, complete or not, exceeds the limit
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

  private extendLine(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.line.append(chunk);
    this.checkSize(this.data.length + this.line.length - DATA_OVERHEAD_BYTES);
  }

  private endLine(): void {
    const long = this.line.length > MAX_FIELD_BYTES;
    const [head, ...rest] = withLongHead(this.line.drain());
    const start = this.first && startsWith(head, BYTE_ORDER_MARK) ? head.subarray(3) : head;
    this.first = false;
    if (start.length === 0 && rest.length === 0) {
      this.endEvent();
      return;
    }
    this.lineRead = true;
    if (startsWith(start, DATA)) {
      this.addData([start.subarray(start[DATA.length] === SPACE ? 6 : 5), ...rest]);
    } else if (!long) {
      this.addField(Buffer.concat([start, ...rest]).toString());
    }
  }

  /** Handles a line without data: `id`, `event`, `retry`, or a field that is ignored. */
  private addField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.addData([]);
    else if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'event') this.eventName = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
  }

  private addData(line: Buffer[]): void {
    // The data lines of one event are joined with line breaks.
    if (this.hasData) this.data.append(NEW_LINE);
    this.hasData = true;
    for (const chunk of line) if (chunk.length > 0) this.data.append(chunk);
    this.checkSize(this.data.length);
  }

  private endEvent(): void {
    const { id, eventName } = this;
    const data = this.data.drain();
    this.hasData = false;
    this.id = undefined;
    this.eventName = '';
    // The standard ignores events without data. Events with another name are for other listeners.
    if (data.length === 0 || (eventName !== '' && eventName !== 'message')) return;
    this.events.push({ id, data });
  }

  private checkSize(size: number): void {
    if (size > this.maxBytes) throw new StreamFailure('too_large', eventTooLarge(this.maxBytes));
  }
}

/** Extends the first chunk so that it contains the field name and the byte order mark, if the line is long enough. */
function withLongHead(chunks: Buffer[]): [Buffer, ...Buffer[]] {
  let [head = Buffer.alloc(0), ...rest] = chunks;
  while (head.length < DATA_OVERHEAD_BYTES && rest.length > 0)
    head = Buffer.concat([head, rest.shift()!]);
  return [head, ...rest];
}

function startsWith(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.subarray(0, beginning.length).equals(beginning);
}
