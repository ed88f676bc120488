import { isUtf8 } from 'node:buffer';
import type { HeldConfigs } from './held-configs.js';
import { packConfig, type PackedConfig } from './packed-config.js';

/** How much of a list is gathered before it is parsed, in bytes: far less than a slice takes. */
const BATCH_BYTES = 16_384;
/** A name that is written longer than this is not `configs`, whatever is escaped in it. */
const MAX_NAME = 100;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Takes a document apart into its outline, in which every list of configs is empty, and the elements of these lists. It
 * knows strings and nesting only: a document is JSON exactly when its outline and its elements are, so `JSON.parse`
 * finds every mistake. It works on bytes, since an element that has the bytes of a held config needs no parsing.
 */
export class EnvelopeScanner {
  private readonly outline: Buffer[] = [];
  /** The elements of the latest `configs`, unless that is no list. */
  private list: unknown[] | undefined;
  private inList = false;
  /** Elements that are not parsed yet. */
  private batch: Buffer[] = [];
  private batchBytes = 0;
  /** What has come of the element that has not ended. */
  private element: Buffer[] = [];
  /** Whether an object has begun in it. */
  private begun = false;
  /** The held config that this element is; behind it there may be blank space only. */
  private known: PackedConfig | undefined;
  /** How many objects and lists are open. */
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** The latest text at depth 1, as it is written. */
  private name = '';
  /** Whether the next value is that of `configs`. */
  private atConfigs = false;

  constructor(private readonly held: HeldConfigs) {}

  /** Scans the next part of the document, and keeps parts of it until the end. */
  write(bytes: Buffer): void {
    let rest = 0;
    for (let i = this.inString ? this.skipString(bytes, 0) + 1 : 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.atConfigs && byte > 0x20) {
        this.atConfigs = false;
        if (byte === OPEN_LIST) {
          this.outline.push(bytes.subarray(rest, i + 1));
          rest = i + 1;
          this.list = [];
          this.inList = true;
        }
      }
      switch (byte) {
        case QUOTE:
          this.name = '';
          i = this.skipString(bytes, i + 1);
          break;
        case COLON:
          if (this.depth === 1) this.meetName();
          break;
        case COMMA:
          if (!this.inList || this.depth !== 2) break;
          this.endElement(bytes.subarray(rest, i), true);
          rest = i + 1;
          break;
        case OPEN_OBJECT:
          if (this.inList && this.depth === 2 && this.isKnown(bytes, rest, i)) {
            rest = i + this.known!.byteLength;
            i = rest - 1;
            break;
          }
          this.depth++;
          break;
        case OPEN_LIST:
          this.depth++;
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          if (this.depth-- !== 2 || !this.inList) break;
          this.endElement(bytes.subarray(rest, i), this.list!.length + this.batch.length > 0);
          this.parseBatch();
          rest = i;
          this.inList = false;
      }
    }
    if (rest < bytes.length) (this.inList ? this.element : this.outline).push(bytes.subarray(rest));
  }

  /** Gives the document, which is complete now. */
  end(): unknown {
    const document = parse(textOf(joined(this.outline)).replace(/^\uFEFF/, ''));
    if (this.list !== undefined) (document as { configs: unknown[] }).configs = this.list;
    return document;
  }

  /** Gives the place of the closing quote, or the end of the bytes when it is not there yet. */
  private skipString(bytes: Buffer, from: number): number {
    let { escaped } = this;
    let i = from;
    for (; i < bytes.length; i++) {
      const byte = bytes[i];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) break;
    }
    this.escaped = escaped;
    this.inString = i === bytes.length;
    if (this.depth === 1 && this.name.length < MAX_NAME) {
      this.name += bytes.toString('latin1', from, Math.min(i, from + MAX_NAME));
    }
    return i;
  }

  private meetName(): void {
    this.atConfigs = this.name.length < MAX_NAME && parse(`"${this.name}"`) === 'configs';
    // Of members of the same name, the last one counts.
    if (this.atConfigs) this.list = undefined;
  }

  /** Whether the object that begins here is a held config, and the element has nothing before it. */
  private isKnown(bytes: Buffer, elementStart: number, at: number): boolean {
    if (this.begun) return false;
    this.begun = true;
    const before = [...this.element, bytes.subarray(elementStart, at)];
    if (before.every((part) => trimmed(part).length === 0)) this.known = this.held.at(bytes, at);
    return this.known !== undefined;
  }

  /** @param needed whether there must be one: between commas there must */
  private endElement(tail: Buffer, needed: boolean): void {
    const { element, known } = this;
    const isWhole = element.length === 0;
    const text = trimmed(isWhole ? tail : joined([...element, tail]));
    this.element = [];
    this.begun = false;
    this.known = undefined;
    if (known !== undefined) {
      if (text.length > 0) throw notJson();
      this.addKnown(known);
    } else if (text.length === 0) {
      if (needed) throw notJson();
    } else {
      // One that came in one piece was compared where it began.
      const late = isWhole ? undefined : this.held.at(text, 0);
      if (late?.byteLength === text.length) this.addKnown(late);
      else this.addUnknown(text);
    }
  }

  private addKnown(config: PackedConfig): void {
    this.parseBatch();
    this.list!.push(config);
  }

  private addUnknown(text: Buffer): void {
    this.held.missed();
    // A large one shares no memory: its neighbours would keep it alive.
    if (text.length >= BATCH_BYTES) this.parseBatch();
    this.batch.push(text);
    this.batchBytes += text.length;
    if (this.batchBytes >= BATCH_BYTES) this.parseBatch();
  }

  private parseBatch(): void {
    const { batch } = this;
    if (batch.length === 0) return;
    this.batch = [];
    this.batchBytes = 0;
    const bytes = joined(batch, COMMA);
    const elements = parse(`[${textOf(bytes)}]`) as unknown[];
    let from = 0;
    for (const [index, text] of batch.entries()) {
      const to = from + text.length;
      const shared = bytes.subarray(from, to);
      // Configs of a first set share this copy. Those of later ones come and go by themselves, and have their own: one
      // that stays keeps none alive that is gone. None keeps a chunk alive.
      const packed = packConfig(elements[index], () =>
        this.held.isEmpty ? shared : joined([text]),
      );
      this.list!.push(packed);
      from = to + 1;
    }
  }
}

/** A copy of the parts in memory of its own, one after the other. */
function joined(parts: readonly Buffer[], separator?: number): Buffer {
  const gap = separator === undefined ? 0 : 1;
  const size = parts.reduce((sum, { length }) => sum + length + gap, -gap);
  const whole = Buffer.allocUnsafeSlow(Math.max(size, 0));
  let at = 0;
  for (const part of parts) {
    if (separator !== undefined && at > 0) whole[at - 1] = separator;
    part.copy(whole, at);
    at += part.length + gap;
  }
  return whole;
}

function isBlankByte(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function trimmed(bytes: Buffer): Buffer {
  let from = 0;
  let to = bytes.length;
  while (from < to && isBlankByte(bytes[from])) from++;
  while (from < to && isBlankByte(bytes[to - 1])) to--;
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8');
  return bytes.toString();
}

/** The platform's error quotes the text around the mistake, so it does not go on. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

function notJson(): SyntaxError {
  return new SyntaxError('not JSON');
}
