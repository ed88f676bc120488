import type { DocumentStore, StagedDocument } from './document-store.js';
import type { PersistenceStore } from './persistence-options.js';
import { storeRefused } from './persistence.messages.js';

/** What an event emitter, such as a Keyv, has besides the methods of a store. */
interface Emitter {
  on?(event: 'error', listener: (error: unknown) => void): unknown;
  off?(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Stores that have a listener that stays: they can still emit errors after the service was closed. */
const listenedTo = new WeakSet<object>();

/** A store of the application, whose calls reject when they fail in any way. */
export class ApplicationStore implements DocumentStore {
  // Private, because a store may hold credentials.
  readonly #store: PersistenceStore;
  private emitted: unknown;

  /** @param ttl time to live of what is set, in ms */
  constructor(
    store: PersistenceStore,
    private readonly key: string,
    private readonly ttl: number | undefined,
  ) {
    this.#store = store;
    this.listenForErrors(store as Emitter);
  }

  async get(): Promise<string | undefined> {
    this.emitted = undefined;
    const value = await this.#store.get(this.key);
    if (typeof value === 'string') return value;
    if (Buffer.isBuffer(value)) return value.toString();
    this.throwEmitted();
    return undefined;
  }

  stage(document: string): Promise<StagedDocument> {
    const commit = async (): Promise<boolean> => {
      await this.set(document);
      return true;
    };
    return Promise.resolve({ commit, discard: () => Promise.resolve() });
  }

  /** Stops listening, so that the listeners of many services do not pile up at one store. */
  close(): void {
    const store = this.#store as Emitter;
    if (typeof store.off === 'function') store.off('error', this.recordError);
  }

  private async set(value: string): Promise<void> {
    this.emitted = undefined;
    const result = await this.#store.set(this.key, value, this.ttl);
    // Some adapters emit an error and report success.
    this.throwEmitted();
    if (result === false) throw new Error(storeRefused);
  }

  /** A Keyv emits its errors instead of rejecting, and crashes the process if nobody listens. */
  private listenForErrors(store: Emitter): void {
    if (typeof store.on !== 'function') return;
    store.on('error', this.recordError);
    if (listenedTo.has(store)) return;
    listenedTo.add(store);
    store.on('error', () => undefined);
  }

  private readonly recordError = (error: unknown): void => {
    this.emitted = error;
  };

  private throwEmitted(): void {
    if (this.emitted !== undefined) throw this.emitted;
  }
}
