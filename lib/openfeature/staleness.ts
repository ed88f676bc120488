import type { QuonfigService } from '../index.js';

/**
 * Decides whether changes have failed to arrive for too long. While the stream is down, the service first waits for it and
 * then polls: its configs are stale once polls fail too, or if nothing polls.
 */
export class Staleness {
  private notConnectedSince: number | undefined;
  private lastSuccess: number | undefined;
  /** Failed polls, counted when the last success was noticed. */
  private failedPolls = 0;

  constructor(
    private readonly service: QuonfigService,
    private readonly limitMs: number,
  ) {}

  /** Returns whether the configs are stale now. Call it about once a second while the service is not connected. */
  check(): boolean {
    const { service } = this;
    const failedPolls = service.metrics().restarts.poll.worker_throw;
    const success = service.lastSuccessfulRefresh()?.getTime();
    if (success !== this.lastSuccess) {
      this.lastSuccess = success;
      this.failedPolls = failedPolls;
    }
    const state = service.connectionState();
    if (state === 'connected') {
      this.notConnectedSince = undefined;
      return false;
    }
    const now = performance.now();
    this.notConnectedSince ??= now;
    const { ageMs } = service.health();
    const quietMs = Math.min(now - this.notConnectedSince, ageMs ?? Number.POSITIVE_INFINITY);
    if (quietMs < this.limitMs) return false;
    return state !== 'falling_back' || failedPolls > this.failedPolls;
  }
}
