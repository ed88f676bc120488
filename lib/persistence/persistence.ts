import { envelopeBytes, type EnvelopeMeta, type StoredConfig } from '../model/index.js';
import { ApplicationStore } from './application-store.js';
import { BoundedCalls, StoreTimeoutError } from './bounded-calls.js';
import type { DocumentStore } from './document-store.js';
import { FileStore } from './file-store.js';
import type { PersistenceStore } from './persistence-options.js';
import { readFailed, savedUnusable, writeFailed, writeRecovered } from './persistence.messages.js';
import { type SavedConfigs, savedConfigsIn, type SavedConfigsLimits } from './saved-configs.js';
import { encodeDocument, headerOf, maxDocumentBytes, type SavedHeader } from './saved-document.js';

/** At most one write in this time, in ms. */
const WRITE_INTERVAL_MS = 10_000;
/** How long a call of the store may take, in ms. */
const STORE_TIMEOUT_MS = 2_000;

/** What is saved. */
export interface CurrentConfigs {
  readonly configs: Iterable<StoredConfig>;
  readonly meta: EnvelopeMeta & { readonly environment: string; readonly generation: number };
  /** When they were last known to be current. */
  readonly refreshedAt: Date;
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

export interface PersistenceSettings extends SavedConfigsLimits {
  /** Path of a file, or a store of the application. */
  readonly store: string | PersistenceStore;
  /** Key of the store. */
  readonly key: string;
  /** Where the store saves, for messages. */
  readonly place: string;
  readonly preferCache: boolean;
}

export interface PersistenceLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

interface Attempt {
  readonly current: () => CurrentConfigs;
  readonly generation: number;
  /** Whether it was saved. Otherwise another process was about to save a newer generation. */
  readonly isSaved: boolean;
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
  readonly #store: DocumentStore;
  private readonly calls = new BoundedCalls();
  private writes = 0;
  private failedWrites = 0;
  private failedReads = 0;
  /** What is to be saved next. */
  private next: (() => CurrentConfigs) | undefined;
  /** The last attempt to save, until it is certain that no older generation is saved. */
  private unconfirmed: Attempt | undefined;
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
    this.#store = documentStore(settings);
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

  /**
   * @internal Returns what was saved, `undefined` if nothing usable. Never rejects.
   *
   * @param ms how long the store may take
   */
  async read(ms: number = STORE_TIMEOUT_MS): Promise<SavedConfigs | undefined> {
    let document: string | undefined;
    try {
      document = await this.calls.run(ms, () => this.#store.get());
    } catch (error) {
      return this.recordFailedRead(readFailed(this.place, error));
    }
    try {
      return document === undefined ? undefined : await savedConfigsIn(document, this.#settings);
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
    if (this.timer === undefined && this.writing === undefined) this.schedule();
  }

  /** @internal Saves what is not saved yet, then nothing more. Never rejects. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    await this.writing;
    await this.write();
    await this.confirm();
    await this.write();
    this.#store.close();
  }

  private schedule(): void {
    if (this.closed) return;
    const wait = Math.max(0, this.lastWriteAt + WRITE_INTERVAL_MS - performance.now());
    this.timer = setTimeout(() => this.act(), wait).unref();
  }

  private act(): void {
    this.timer = undefined;
    const action = this.next === undefined ? this.confirm() : this.write();
    this.writing = action.finally(() => {
      this.writing = undefined;
      // Configs that were installed during the write, or are to be confirmed.
      if (this.next !== undefined || this.unconfirmed !== undefined) this.schedule();
    });
  }

  private async write(): Promise<void> {
    const current = this.next;
    if (current === undefined) return;
    this.next = undefined;
    const { configs, meta, refreshedAt } = current();
    const { environment, version, generation } = meta;
    const { owner, encryptionKey } = this.#settings;
    this.unconfirmed = undefined;
    try {
      const savedAt = refreshedAt.toISOString();
      const facts = { owner, environment, version, generation, savedAt };
      const envelope = envelopeBytes(configs, meta);
      const document = await encodeDocument(facts, envelope, encryptionKey);
      if (!(await this.replace(document, current, generation))) return;
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

  /** Saves a document unless a newer generation is saved, or about to be. Returns whether it was saved. */
  private async replace(
    document: string,
    current: () => CurrentConfigs,
    generation: number,
  ): Promise<boolean> {
    const staged = await this.bounded(() => this.#store.stage(document, generation));
    if (staged !== undefined && (await this.isNewerSaved(generation))) {
      await this.bounded(() => staged.discard());
      return false;
    }
    const isSaved = staged !== undefined && (await this.bounded(() => staged.commit()));
    this.unconfirmed = { current, generation, isSaved };
    return isSaved;
  }

  /**
   * Saves again if an older generation is saved: a store cannot compare and replace in one step, and a process that was about to
   * save a newer generation may have been killed.
   */
  private async confirm(): Promise<void> {
    const attempt = this.unconfirmed;
    this.unconfirmed = undefined;
    if (attempt === undefined) return;
    const header = await this.savedHeader();
    // A store that forgets what was saved is not written to again and again.
    const isOlder =
      header === undefined ? !attempt.isSaved : header.generation < attempt.generation;
    if (isOlder) this.next ??= attempt.current;
  }

  private async savedHeader(): Promise<SavedHeader | undefined> {
    try {
      const document = await this.bounded(() => this.#store.get());
      return document === undefined ? undefined : headerOf(document, this.#settings.owner);
    } catch {
      return undefined;
    }
  }

  private bounded<T>(call: () => Promise<T>): Promise<T> {
    return this.calls.run(STORE_TIMEOUT_MS, call);
  }

  private recordFailedRead(message: string): undefined {
    this.failedReads++;
    this.logger.warn(message);
    return undefined;
  }

  /** Whether the store has usable configs of a newer generation: others would stay forever if only their header counted. */
  private async isNewerSaved(generation: number): Promise<boolean> {
    try {
      const document = await this.bounded(() => this.#store.get());
      if (document === undefined) return false;
      if (headerOf(document, this.#settings.owner).generation <= generation) return false;
      await savedConfigsIn(document, this.#settings);
      return true;
    } catch (error) {
      // The store would not save in time, either.
      if (error instanceof StoreTimeoutError) throw error;
      return false;
    }
  }
}

function documentStore({ store, key, maxAge, maxBytes }: PersistenceSettings): DocumentStore {
  if (typeof store === 'string') {
    return new FileStore(store, maxDocumentBytes(maxBytes), key);
  }
  // Stores such as Redis only accept integers.
  const ttl = maxAge && Math.min(Math.ceil(maxAge), Number.MAX_SAFE_INTEGER);
  return new ApplicationStore(store, key, ttl);
}
