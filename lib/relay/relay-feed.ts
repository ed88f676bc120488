import { setTimeout } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Subject, type Subscription } from 'rxjs';
import type { CurrentEnvelope, QuonfigService } from '../index.js';
import { GenerationCounter } from './generation.js';
import { digestOf, Publication } from './publication.js';
import { publishFailed } from './relay.messages.js';
import type { RelayGeneration } from './relay-options.js';

/** How long after a failure publishing is tried again, in ms. */
const RETRY_MS = 5_000;

/** Publishes the configs of one service: the current ones, then each update. Several updates at once become one. */
export class RelayFeed {
  private publication: Publication | undefined;
  private readonly publications = new Subject<Publication>();
  private readonly generations: GenerationCounter;
  private updates: Subscription | undefined;
  private outdated = true;
  private publishing: Promise<void> | undefined;
  private closed = false;
  private readonly stopWaiting = new AbortController();

  /** Emits each publication after the first load. */
  readonly published$ = this.publications.asObservable();

  /** @param generation the option */
  constructor(
    readonly service: QuonfigService,
    generation: RelayGeneration | undefined,
  ) {
    this.generations = new GenerationCounter(generation, () => service.refresh());
  }

  /** `undefined` while the service has no configs. */
  get current(): Publication | undefined {
    return this.publication;
  }

  /**
   * Publishes what is current, then follows updates.
   *
   * @throws {QuonfigError} `unknown_generation`
   */
  async start(): Promise<void> {
    let started = false;
    this.updates = this.service.updates$.subscribe(() => {
      this.outdated = true;
      if (started) this.publishing ??= this.publishAll();
    });
    await this.publishLatest();
    started = true;
    // An update may have come right after the last look.
    if (this.outdated) this.publishing ??= this.publishAll();
  }

  close(): void {
    this.closed = true;
    this.updates?.unsubscribe();
    this.stopWaiting.abort();
    this.publications.complete();
  }

  private async publishAll(): Promise<void> {
    while (this.outdated && !this.closed) {
      try {
        await this.publishLatest();
      } catch (error) {
        new Logger('QuonfigRelay').error(publishFailed((error as Error).message));
        this.outdated = true;
        await setTimeout(RETRY_MS, undefined, {
          ref: false,
          signal: this.stopWaiting.signal,
        }).catch(() => undefined);
      }
    }
    this.publishing = undefined;
  }

  private async publishLatest(): Promise<void> {
    while (this.outdated && !this.closed) {
      this.outdated = false;
      const envelope = this.service.envelope();
      if (envelope === undefined) return;
      const publication = await this.publicationOf(envelope);
      if (this.closed || publication === undefined) continue;
      this.publication = publication;
      this.publications.next(publication);
    }
  }

  /** Returns `undefined` if the configs changed meanwhile, so that they are not worth a generation. */
  private async publicationOf(envelope: CurrentEnvelope): Promise<Publication | undefined> {
    const { meta } = envelope;
    if (!isFromFiles(envelope)) return Publication.of(envelope, meta, this.publication);
    const counted = await this.generations.count(envelope.path);
    if (this.outdated) return undefined;
    const digest = await digestOf(envelope);
    const generation = this.generations.assign(counted, digest);
    // The version of a directory names its path.
    return Publication.of(envelope, { ...meta, version: digest, generation }, this.publication);
  }
}

/** Files have no generation, unless one is written in them. */
function isFromFiles({ source, meta }: CurrentEnvelope): boolean {
  const local = source === 'datadir' || source === 'datafile' || source === undefined;
  return local && !((meta.generation ?? 0) > 0);
}
