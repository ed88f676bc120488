/** At most one refresh per interval, in ms: hints cost the upstream no more, whoever sends them. */
const HINT_INTERVAL_MS = 1_000;

export interface HintedSource {
  /** The generation that is served now; 0 without configs. */
  generation(): number;
  /** Reads the source now. */
  refresh(): Promise<void>;
  /** The refresh failed. */
  failed(reason: unknown): void;
}

/** Refreshes when another relay has newer configs. */
export class HintedRefresh {
  private timer: NodeJS.Timeout | undefined;
  private lastRefresh = -Infinity;
  private wanted = 0;
  private closed = false;

  constructor(private readonly source: HintedSource) {}

  /** Receives the generation that another relay has. */
  hinted(generation: number): void {
    if (this.closed || generation <= this.source.generation()) return;
    this.wanted = Math.max(this.wanted, generation);
    if (this.timer !== undefined) return;
    const waitMs = Math.max(this.lastRefresh + HINT_INTERVAL_MS - performance.now(), 0);
    this.timer = setTimeout(() => this.refresh(), waitMs).unref();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private refresh(): void {
    this.timer = undefined;
    const { wanted } = this;
    this.wanted = 0;
    // The stream may have delivered it meanwhile.
    if (wanted <= this.source.generation()) return;
    this.lastRefresh = performance.now();
    this.source.refresh().catch((reason: unknown) => {
      if (!this.closed) this.source.failed(reason);
    });
  }
}
