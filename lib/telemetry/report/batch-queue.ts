/**
 * Why a batch was dropped: it was older than `telemetryMaxRetainedAgeMs` (`aged`), newer ones needed its room
 * (`queue_full`), it was larger than `telemetryMaxRetainedBytes` and could not be sent (`oversize`), the telemetry service
 * rejected it alone (`rejected`), or refused the SDK key (`refused`).
 *
 * @publicApi
 */
export type DropCause = 'aged' | 'queue_full' | 'oversize' | 'rejected' | 'refused';

/** The bytes of one window. Every attempt sends the same bytes. */
export interface Batch {
  readonly bytes: Uint8Array;
  /** Creation time, in ms since the epoch. */
  readonly createdAt: number;
}

export interface BatchLimits {
  readonly telemetryMaxRetainedBatches: number;
  readonly telemetryMaxRetainedBytes: number;
  readonly telemetryMaxRetainedAgeMs: number;
}

/** Batches waiting to be sent, oldest first. */
export class BatchQueue {
  /** In a private field, where inspection does not reach: reports contain values. */
  #batches: Batch[] = [];

  constructor(
    private readonly limits: BatchLimits,
    private readonly dropped: (cause: DropCause) => void,
  ) {}

  get length(): number {
    return this.#batches.length;
  }

  /** How many batches stay retained once oversize ones are dropped. */
  get retainableCount(): number {
    return this.#batches.filter((batch) => !this.isOversize(batch)).length;
  }

  get bytes(): number {
    return bytesOf(this.#batches);
  }

  oldest(): Batch | undefined {
    return this.#batches[0];
  }

  /** Adds a batch and drops the oldest ones to make room. An oversize batch displaces none, as it is never retained. */
  add(batch: Batch): void {
    this.#batches.push(batch);
    if (this.isOversize(batch)) return;
    const { telemetryMaxRetainedBatches, telemetryMaxRetainedBytes } = this.limits;
    while (this.length > telemetryMaxRetainedBatches || this.bytes > telemetryMaxRetainedBytes) {
      this.drop(this.#batches[0]!, 'queue_full');
    }
  }

  remove(batch: Batch): void {
    this.#batches = this.#batches.filter((each) => each !== batch);
  }

  drop(batch: Batch, cause: DropCause): void {
    this.remove(batch);
    this.dropped(cause);
  }

  dropAll(cause: DropCause): void {
    for (const batch of this.#batches) this.drop(batch, cause);
  }

  dropAged(): void {
    const oldestAllowed = Date.now() - this.limits.telemetryMaxRetainedAgeMs;
    for (const batch of this.#batches) {
      if (batch.createdAt < oldestAllowed) this.drop(batch, 'aged');
    }
  }

  /** Drops batches that are too large to retain. They were sent once. */
  dropOversize(): void {
    for (const batch of this.#batches) if (this.isOversize(batch)) this.drop(batch, 'oversize');
  }

  /** Whether a batch is larger than the whole buffer. */
  isOversize(batch: Batch): boolean {
    return batch.bytes.byteLength > this.limits.telemetryMaxRetainedBytes;
  }
}

function bytesOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}
