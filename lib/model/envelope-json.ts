import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';

/** How long one slice of the work may hold the event loop, in ms. */
const SLICE_MS = 3;
/** How much is scanned between two looks at the clock, in bytes or characters. */
const PIECE_LENGTH = 16_384;
/** How much text of a list is gathered before it is parsed, in characters: far less than a slice takes. */
const BATCH_LENGTH = 16_384;

/** A document up to this size is parsed in one go, which takes no longer than a few slices, in bytes. */
const SMALL_BYTES = 1_048_576;

/** A whole text, or chunks of UTF-8 as a body or a file gives them. */
export type JsonSource = string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * What `JSON.parse` would give, with the same refusals, but without holding the event loop while a large document is
 * read: the list `configs` of the outermost object is parsed a few elements at a time. Chunks are scanned as they come,
 * and let go; a byte order mark is dropped.
 *
 * @param keep what becomes of each element of `configs`; those of a small document, given as a list of chunks, stay as
 *   they are
 * @throws SyntaxError when it is not JSON or not UTF-8; it never quotes the content. What the source throws is passed on.
 */
export async function parseEnvelope(
  source: JsonSource,
  keep: (config: unknown) => unknown = (config) => config,
): Promise<unknown> {
  if (Array.isArray(source) && isSmall(source)) return parse(textOf(Buffer.concat(source)));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const scanner = new EnvelopeScanner(keep);
  let sliceEnd = performance.now() + SLICE_MS;
  for await (const chunk of typeof source === 'string' ? [source] : source) {
    for (let from = 0; from < chunk.length; from += PIECE_LENGTH) {
      const to = from + PIECE_LENGTH;
      scanner.write(
        typeof chunk === 'string'
          ? chunk.slice(from, to)
          : decode(decoder, chunk.subarray(from, to)),
      );
      if (performance.now() < sliceEnd) continue;
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  scanner.write(decode(decoder));
  return scanner.end();
}

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
 * finds every mistake.
 */
class EnvelopeScanner {
  private outline = '';
  /** Elements of the list that are not parsed yet. */
  private batch = '';
  /** The elements of the latest `configs`, unless that is no list. */
  private list: unknown[] | undefined;
  private inList = false;
  /** How many objects and lists are open. */
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** The latest text at depth 1, as it is written. */
  private name = '';
  /** Whether the next value is that of `configs`. */
  private atConfigs = false;

  constructor(private readonly keep: (config: unknown) => unknown) {}

  /** Scans the next part of the document. */
  write(text: string): void {
    let rest = 0;
    for (let i = this.inString ? this.skipString(text, 0) + 1 : 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (this.atConfigs && char > 0x20) {
        this.atConfigs = false;
        if (char === OPEN_LIST) {
          this.outline += text.slice(rest, i + 1);
          rest = i + 1;
          this.list = [];
          this.inList = true;
        }
      }
      switch (char) {
        case QUOTE:
          this.name = '';
          i = this.skipString(text, i + 1);
          break;
        case COLON:
          if (this.depth === 1) this.meetName();
          break;
        case COMMA:
          if (!this.inList || this.depth !== 2) break;
          if (this.batch.length + i - rest < BATCH_LENGTH) break;
          this.parseBatch(text.slice(rest, i), true);
          rest = i + 1;
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          this.depth++;
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          if (this.depth-- !== 2 || !this.inList) break;
          this.parseBatch(text.slice(rest, i), this.list!.length > 0);
          rest = i;
          this.inList = false;
      }
    }
    if (this.inList) this.batch += text.slice(rest);
    else this.outline += text.slice(rest);
  }

  /** Gives the document, which is complete now. */
  end(): unknown {
    const document = parse(this.outline);
    if (this.list !== undefined) (document as { configs: unknown[] }).configs = this.list;
    return document;
  }

  /** Gives the place of the closing quote, or the end of the text when it is not there yet. */
  private skipString(text: string, from: number): number {
    let { escaped } = this;
    let i = from;
    for (; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (escaped) escaped = false;
      else if (char === BACKSLASH) escaped = true;
      else if (char === QUOTE) break;
    }
    this.escaped = escaped;
    this.inString = i === text.length;
    if (this.depth === 1) this.name += text.slice(from, i);
    return i;
  }

  private meetName(): void {
    this.atConfigs = this.name.length < 100 && parse(`"${this.name}"`) === 'configs';
    // Of members of the same name, the last one counts.
    if (this.atConfigs) this.list = undefined;
  }

  /** Parses what is between two places of a list. Between commas there must be something. */
  private parseBatch(text: string, elementNeeded: boolean): void {
    const elements = parse(`[${this.batch}${text}]`) as unknown[];
    this.batch = '';
    if (elements.length === 0 && elementNeeded) throw notJson();
    for (const element of elements) this.list!.push(this.keep(element));
  }
}

function isSmall(chunks: readonly Uint8Array[]): boolean {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0) <= SMALL_BYTES;
}

/** As the decoder gives it, in half of the time. */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw notUtf8();
  return bytes.toString().replace(/^\uFEFF/, '');
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes?: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    throw notUtf8();
  }
}

/** The platform's error quotes the text around the mistake, so it does not go on. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

function notUtf8(): SyntaxError {
  return new SyntaxError('not UTF-8');
}

function notJson(): SyntaxError {
  return new SyntaxError('not JSON');
}
