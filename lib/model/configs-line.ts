import { bytesOf } from './envelope-bytes.js';
import type { StoredConfig } from './packed-config.js';
import { Slice } from './slices.js';

/** Few writes for each client of a large envelope, and little to copy when one config has changed. */
const PIECE_BYTES = 524_288;
/** Smaller pieces are not kept, so that they become part of larger ones. */
const WORTH_BYTES = PIECE_BYTES / 2;
/** How many configs are processed between two checks of the clock. */
const CONFIGS_PER_CHECK = 16;
const COMMA = Buffer.from(',');
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** The configs of each piece that starts with a comma and ends with a config, and is worth being reused. */
const contents = new WeakMap<Uint8Array, readonly StoredConfig[]>();

/**
 * Returns the list of configs as JSON in one line, between two other texts, in pieces. A piece in which nothing has changed is
 * the same buffer as before. Lets the event loop turn between slices.
 *
 * @param earlier the pieces of an earlier call; they are unchanged
 */
export async function configsLine(
  configs: Iterable<StoredConfig>,
  before: string,
  after: string,
  earlier: readonly Buffer[] = [],
): Promise<Buffer[]> {
  const all = [...configs];
  const known = new Map<StoredConfig, Buffer>();
  for (const piece of earlier) {
    const first = contents.get(piece)?.[0];
    if (first !== undefined) known.set(first, piece);
  }
  const line = new Line(before);
  const slice = new Slice();
  let pieces = 0;
  for (let at = 0; at < all.length;) {
    const piece = known.get(all[at]!);
    if (piece !== undefined && line.isStarted && startsWith(all, at, contents.get(piece)!)) {
      line.addPiece(piece);
      at += contents.get(piece)!.length;
    } else {
      line.addConfig(all[at]!);
      at++;
    }
    // A piece of large configs has few of them.
    const isDue = at % CONFIGS_PER_CHECK === 0 || line.length !== pieces;
    pieces = line.length;
    if (isDue && slice.isOver) await slice.next();
  }
  return line.end(after);
}

function startsWith(
  all: readonly StoredConfig[],
  from: number,
  expected: readonly StoredConfig[],
): boolean {
  return expected.every((config, index) => config === all[from + index]);
}

/** A line in the making. Configs wait until they are worth a piece. */
class Line {
  private readonly pieces: Buffer[] = [];
  private waiting: StoredConfig[] = [];
  private waitingBytes: Buffer[] = [];
  private size = 0;

  constructor(private readonly before: string) {}

  /** Whether a piece that starts with a comma can follow. */
  get isStarted(): boolean {
    return this.waiting.length > 0 || this.pieces.length > 0;
  }

  /** Number of complete pieces. */
  get length(): number {
    return this.pieces.length;
  }

  addConfig(config: StoredConfig): void {
    if (this.size >= PIECE_BYTES) this.join('');
    const bytes = bytesOf(config);
    this.waiting.push(config);
    this.waitingBytes.push(bytes);
    this.size += bytes.length + 1;
  }

  addPiece(piece: Buffer): void {
    if (this.waiting.length > 0) this.join('');
    this.pieces.push(piece);
  }

  end(after: string): Buffer[] {
    this.join(`]${after}`);
    return this.pieces;
  }

  private join(after: string): void {
    const isFirst = this.pieces.length === 0;
    const head = Buffer.from(isFirst ? `${this.before}[` : ',');
    const tail = Buffer.from(after);
    const { waiting, waitingBytes } = this;
    const start = isFirst || waiting.length > 0 ? head.length : 0;
    const piece = Buffer.allocUnsafeSlow(start + Math.max(this.size - 1, 0) + tail.length);
    let at = head.copy(piece, 0, 0, start);
    for (const bytes of waitingBytes) {
      if (at > start) at += COMMA.copy(piece, at);
      at += bytes.copy(piece, at);
    }
    inOneLine(piece.subarray(start, at));
    tail.copy(piece, at);
    this.pieces.push(piece);
    if (!isFirst && after === '' && this.size >= WORTH_BYTES) contents.set(piece, waiting);
    this.waiting = [];
    this.waitingBytes = [];
    this.size = 0;
  }
}

/** Replaces line breaks, which JSON allows only between its tokens. */
function inOneLine(json: Buffer): void {
  for (const end of [LF, CR]) {
    for (let at = json.indexOf(end); at !== -1; at = json.indexOf(end, at + 1)) json[at] = SPACE;
  }
}
