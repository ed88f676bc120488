import {
  checkEnvelope,
  envelopeBytes,
  type EnvelopeMeta,
  type LoadedEnvelope,
  parseEnvelope,
  type StoredConfig,
} from '../model/index.js';
import { BoundedStore } from './bounded-store.js';
import type { EncryptionKey } from './encryption-key.js';
import type { PersistenceStore } from './persistence-options.js';
import {
  contentDamaged,
  contentInvalid,
  contentTooOld,
  readFailed,
  savedUnusable,
  writeFailed,
  writeRecovered,
} from './persistence.messages.js';
import { encodeDocument, envelopeIn, headerOf, UnusableDocumentError } from './saved-document.js';

/** At most one write in this time, in ms. */
const WRITE_INTERVAL_MS = 10_000;

/** What is saved. */
export interface CurrentConfigs {
  readonly configs: Iterable<StoredConfig>;
  readonly meta: EnvelopeMeta & { readonly environment: string; readonly generation: number };
  /** When they were last known to be current. */
  readonly refreshedAt: Date;
}

/** Configs that were saved, ready to install. */
export interface SavedConfigs {
  readonly envelope: LoadedEnvelope;
  /** When they were last known to be current. */
  readonly savedAt: Date;
}

/**
 * Counters of persistence since the service was created.
 *
 * @publicApi
 */
export interface PersistenceCounters {
  /** How often the configs were saved. */
  readonly writes: number;
  /** How often saving failed. */
  readonly failedWrites: number;
  /** How often reading failed, or what was read was not usable. */
  readonly failedReads: number;
}

export interface PersistenceSettings {
  readonly store: PersistenceStore;
  /** Key of the store. */
  readonly key: string;
  /** Where the store saves, for messages. */
  readonly place: string;
  /** Hash of the SDK key. */
  readonly owner: string;
  readonly maxAge: number | undefined;
  readonly preferCache: boolean;
  readonly encryptionKey: EncryptionKey | undefined;
  /** Maximum size of an envelope. */
  readonly maxBytes: number;
}

export interface PersistenceLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/**
 * Saves the current configs, and returns what an earlier process saved. A store that fails or hangs is logged, and affects
 * nothing else.
 *
 * @publicApi
 */
export class Persistence {
  // Private, because the store may hold credentials.
  readonly #settings: PersistenceSettings;
  readonly #store: BoundedStore;
  private writes = 0;
  private failedWrites = 0;
  private failedReads = 0;
  /** What is to be saved next. */
  private next: (() => CurrentConfigs) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private lastWriteAt = -Infinity;
  private failing = false;
  private closed = false;

  /** @internal The SDK creates its parts. */
  constructor(
    settings: PersistenceSettings,
    private readonly logger: PersistenceLogger,
  ) {
    this.#settings = settings;
    this.#store = new BoundedStore(settings.store, settings.key, settings.maxAge);
  }

  /** @internal Whether to start from saved configs without waiting for the network. */
  get preferCache(): boolean {
    return this.#settings.preferCache;
  }

  /** @internal Where configs are saved, for messages. */
  get place(): string {
    return this.#settings.place;
  }

  /** A copy of the counters. */
  get counters(): PersistenceCounters {
    const { writes, failedWrites, failedReads } = this;
    return { writes, failedWrites, failedReads };
  }

  /** @internal Returns what was saved, `undefined` if nothing usable. Never rejects, and takes a few seconds at most. */
  async read(): Promise<SavedConfigs | undefined> {
    let document: string | undefined;
    try {
      document = await this.#store.get();
    } catch (error) {
      return this.recordFailedRead(readFailed(this.place, error));
    }
    try {
      return document === undefined ? undefined : await this.decode(document);
    } catch (error) {
      return this.recordFailedRead(savedUnusable(this.place, error));
    }
  }

  /**
   * @internal Saves soon, and not more often than every ten seconds.
   *
   * @param current called when the configs are written
   */
  save(current: () => CurrentConfigs): void {
    if (this.closed) return;
    this.next = current;
    if (this.timer !== undefined || this.writing !== undefined) return;
    const wait = Math.max(0, this.lastWriteAt + WRITE_INTERVAL_MS - performance.now());
    this.timer = setTimeout(() => this.startWrite(), wait).unref();
  }

  /** @internal Saves what is not saved yet, then nothing more. Never rejects. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    await this.writing;
    await this.write();
    this.#store.close();
  }

  private startWrite(): void {
    this.timer = undefined;
    this.writing = this.write().finally(() => {
      this.writing = undefined;
      // Configs that were installed during the write.
      if (this.next !== undefined) this.save(this.next);
    });
  }

  private async write(): Promise<void> {
    if (this.next === undefined) return;
    const { configs, meta, refreshedAt } = this.next();
    this.next = undefined;
    const { environment, version, generation } = meta;
    const { owner, encryptionKey } = this.#settings;
    try {
      // The newer generation of two processes stays.
      if (await this.isNewerSaved(generation)) return;
      const savedAt = refreshedAt.toISOString();
      const facts = { owner, environment, version, generation, savedAt };
      const envelope = envelopeBytes(configs, meta);
      await this.#store.set(await encodeDocument(facts, envelope, encryptionKey));
      this.writes++;
      if (this.failing) this.logger.info(writeRecovered(this.place));
      this.failing = false;
    } catch (error) {
      this.failedWrites++;
      this.logger[this.failing ? 'debug' : 'warn'](writeFailed(this.place, error));
      this.failing = true;
    } finally {
      this.lastWriteAt = performance.now();
    }
  }

  private recordFailedRead(message: string): undefined {
    this.failedReads++;
    this.logger.warn(message);
    return undefined;
  }

  /** Whether the store has usable configs of a newer generation: others would stay forever if only their header counted. */
  private async isNewerSaved(generation: number): Promise<boolean> {
    try {
      const document = await this.#store.get();
      if (document === undefined) return false;
      if (headerOf(document, this.#settings.owner).generation <= generation) return false;
      const { envelope } = await this.decode(document);
      return (envelope.meta.generation ?? 0) > generation;
    } catch {
      return false;
    }
  }

  private async decode(document: string): Promise<SavedConfigs> {
    const { owner, maxAge, encryptionKey, maxBytes } = this.#settings;
    const header = headerOf(document, owner);
    // A clock that was set back must not make configs look younger than new.
    const savedAt = new Date(Math.min(Date.parse(header.savedAt), Date.now()));
    if (maxAge !== undefined && Date.now() - savedAt.getTime() > maxAge) {
      throw new UnusableDocumentError(contentTooOld(savedAt, maxAge));
    }
    const bytes = await envelopeIn(document, header, encryptionKey, maxBytes);
    let candidate: unknown;
    try {
      candidate = await parseEnvelope([bytes]);
    } catch {
      throw new UnusableDocumentError(contentDamaged);
    }
    const envelope = checkEnvelope(
      candidate,
      (problem) => new UnusableDocumentError(contentInvalid(problem)),
    );
    // Larger numbers are inexact, and no envelope of the network could follow.
    if ((envelope.meta.generation ?? 0) > Number.MAX_SAFE_INTEGER) {
      throw new UnusableDocumentError(contentInvalid('"meta.generation" is too large a number'));
    }
    return { envelope, savedAt };
  }
}
