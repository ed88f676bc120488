import { isUtf8 } from 'node:buffer';
import { packConfig, type PackedConfig } from './packed-config.js';
import type { ReusableConfigs } from './reusable-configs.js';

/** How many bytes of elements are collected before they are parsed; parsing them takes far less than a slice. */
const BATCH_BYTES = 16_384;
/** A string that is longer in the source cannot be the name `configs`, even with every character escaped. */
const MAX_NAME_LENGTH = 100;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Splits a JSON document, chunk by chunk, into
 *
 * - the elements of the top-level list `configs`, and
 * - the outline: every other byte of the document, with that list left empty (`{"configs":[],"meta":{…}}`).
 *
 * `end()` returns what `JSON.parse` would, with valid configs as {@link PackedConfig}.
 *
 * The scanner only follows strings and nesting; `JSON.parse` does the rest. A document is valid exactly if its outline
 * and each of its elements are, so malformed input always ends in a `SyntaxError`: `JSON.parse` refuses the outline or an
 * element, and the scanner itself refuses a missing element (`[,1]`, `[1,]`) and anything after a reused one.
 *
 * It compares bytes before it parses: an element with the bytes of a current config is that config, so an envelope in
 * which little changed costs little more than one pass over its bytes.
 *
 * States: outside of `configs`, bytes belong to the outline. After the name `configs` at depth 1, `[` starts the list.
 * Inside it, a comma or the closing bracket at depth 2 ends an element. Within a string, only its end matters.
 * Invariants: `depth` counts the open brackets; `inList` implies depth >= 2; elements keep the order of the document,
 * so the batch is parsed before a reused config is added.
 */
export class EnvelopeScanner {
  private readonly outline: Buffer[] = [];
  /** The elements of the latest member `configs`; `undefined` while it is missing or not a list. */
  private list: unknown[] | undefined;
  private inList = false;
  /** Complete elements that still have to be parsed. */
  private batch: Buffer[] = [];
  private batchBytes = 0;
  /** The unfinished element's bytes from earlier chunks. */
  private elementParts: Buffer[] = [];
  /** Whether the unfinished element has reached its first `{`. */
  private objectStarted = false;
  /** The current config that the unfinished element equals; only whitespace may follow it. */
  private reused: PackedConfig | undefined;
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** The latest string at depth 1, in its escaped form: a member name if a colon follows. */
  private name = '';
  /** Whether the next value belongs to the member `configs`. */
  private expectsConfigs = false;

  constructor(private readonly current: ReusableConfigs) {}

  /** Scans the next bytes of the document; they must not change before `end()`. */
  write(bytes: Buffer): void {
    // Start of the bytes that belong to neither the outline nor an element yet.
    let pending = 0;
    for (let i = this.inString ? this.skipString(bytes, 0) + 1 : 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.expectsConfigs && byte > 0x20) {
        this.expectsConfigs = false;
        if (byte === OPEN_LIST) {
          this.outline.push(bytes.subarray(pending, i + 1));
          pending = i + 1;
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
          if (this.depth === 1) this.endName();
          break;
        case COMMA:
          if (!this.inList || this.depth !== 2) break;
          this.endElement(bytes, pending, i, true);
          pending = i + 1;
          break;
        case OPEN_OBJECT:
          if (this.inList && this.depth === 2 && this.canReuse(bytes, pending, i)) {
            pending = i + this.reused!.byteLength;
            i = pending - 1;
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
          this.endElement(bytes, pending, i, this.list!.length + this.batch.length > 0);
          this.parseBatch();
          pending = i;
          this.inList = false;
      }
    }
    if (pending < bytes.length) {
      (this.inList ? this.elementParts : this.outline).push(bytes.subarray(pending));
    }
  }

  /** Returns the parsed document; call it once, after the last `write`. */
  end(): unknown {
    const document = parseJson(decode(concat(this.outline)).replace(/^\uFEFF/, ''));
    if (this.list !== undefined) (document as { configs: unknown[] }).configs = this.list;
    return document;
  }

  /** Returns the index of the closing quote, or the length of the bytes if the string continues in the next chunk. */
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
    if (this.depth === 1 && this.name.length < MAX_NAME_LENGTH) {
      this.name += bytes.toString('latin1', from, Math.min(i, from + MAX_NAME_LENGTH));
    }
    return i;
  }

  private endName(): void {
    this.expectsConfigs =
      this.name.length < MAX_NAME_LENGTH && parseJson(`"${this.name}"`) === 'configs';
    // JSON.parse keeps the last of several members of one name.
    if (this.expectsConfigs) this.list = undefined;
  }

  /** Whether the element's first object, at `offset`, equals a current config, with only whitespace in front of it. */
  private canReuse(bytes: Buffer, elementStart: number, offset: number): boolean {
    if (this.objectStarted) return false;
    this.objectStarted = true;
    if (isBlank(bytes, elementStart, offset) && this.elementParts.every((part) => isBlank(part))) {
      this.reused = this.current.matchAt(bytes, offset);
    }
    return this.reused !== undefined;
  }

  /**
   * Ends an element whose last bytes are in `bytes`, from `from` to `to`.
   *
   * @param required whether an element must be here: always, except in an empty list
   */
  private endElement(bytes: Buffer, from: number, to: number, required: boolean): void {
    const { elementParts, reused } = this;
    this.objectStarted = false;
    this.reused = undefined;
    // Most elements are reused, so nothing is allocated for them.
    if (reused !== undefined && elementParts.length === 0 && isBlank(bytes, from, to)) {
      this.addReused(reused);
      return;
    }
    const inOneChunk = elementParts.length === 0;
    const tail = bytes.subarray(from, to);
    const json = trim(inOneChunk ? tail : concat([...elementParts, tail]));
    this.elementParts = [];
    if (reused !== undefined) {
      if (json.length > 0) throw notJson();
      this.addReused(reused);
    } else if (json.length === 0) {
      if (required) throw notJson();
    } else {
      // An element in one chunk was compared at its `{`; one that spans chunks is complete only now.
      const match = inOneChunk ? undefined : this.current.matchAt(json, 0);
      if (match?.byteLength === json.length) this.addReused(match);
      else this.addToBatch(json);
    }
  }

  private addReused(config: PackedConfig): void {
    this.parseBatch();
    this.list!.push(config);
  }

  private addToBatch(json: Buffer): void {
    this.current.countUnmatched();
    // Parse a large element in a batch of its own, so that small neighbors cannot keep its memory alive.
    if (json.length >= BATCH_BYTES) this.parseBatch();
    this.batch.push(json);
    this.batchBytes += json.length;
    if (this.batchBytes >= BATCH_BYTES) this.parseBatch();
  }

  private parseBatch(): void {
    const { batch } = this;
    if (batch.length === 0) return;
    this.batch = [];
    this.batchBytes = 0;
    const bytes = concat(batch, COMMA);
    const elements = parseJson(`[${decode(bytes)}]`) as unknown[];
    let from = 0;
    for (const [index, json] of batch.entries()) {
      const to = from + json.length;
      // Packed configs never point into a chunk, which they would keep alive. Those of a first envelope share the batch.
      // Later ones are replaced one by one, so each has a copy: a config that stays must not keep replaced ones alive.
      const packed = this.current.isEmpty
        ? packConfig(elements[index], bytes, from, to)
        : packConfig(elements[index], concat([json]));
      this.list!.push(packed);
      from = to + 1;
    }
  }
}

/** Copies the parts into new memory, one after the other. */
function concat(parts: readonly Buffer[], separator?: number): Buffer {
  const gap = separator === undefined ? 0 : 1;
  const size = parts.reduce((sum, { length }) => sum + length + gap, -gap);
  // Not from Node's shared pool: a small config would keep a whole block of it alive.
  const whole = Buffer.allocUnsafeSlow(Math.max(size, 0));
  let at = 0;
  for (const part of parts) {
    if (separator !== undefined && at > 0) whole[at - 1] = separator;
    part.copy(whole, at);
    at += part.length + gap;
  }
  return whole;
}

function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isBlank(bytes: Buffer, from = 0, to = bytes.length): boolean {
  for (let at = from; at < to; at++) if (!isWhitespace(bytes[at])) return false;
  return true;
}

function trim(bytes: Buffer): Buffer {
  let from = 0;
  let to = bytes.length;
  while (from < to && isWhitespace(bytes[from])) from++;
  while (from < to && isWhitespace(bytes[to - 1])) to--;
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

function decode(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8');
  return bytes.toString();
}

/** The engine's error quotes the input, which may contain secrets: it is replaced. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw notJson();
  }
}

function notJson(): SyntaxError {
  return new SyntaxError('not JSON');
}
