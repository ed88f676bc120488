import { Persistence, type PersistenceSettings } from '../../../lib/persistence/index.js';
import type { PersistenceStore } from '../../../lib/index.js';
import { RecordingLogger } from '../../support/recording-logger.js';

/** A persistence as each process has one, without a service. */
export class Saver {
  readonly log = new RecordingLogger();
  readonly persistence: Persistence;

  constructor(store: string | PersistenceStore, more: Partial<PersistenceSettings> = {}) {
    const settings: PersistenceSettings = {
      store,
      key: 'key',
      place: 'the store',
      owner: 'owner',
      maxAge: undefined,
      preferCache: false,
      encryptionKey: undefined,
      maxBytes: 1_000_000,
      ...more,
    };
    this.persistence = new Persistence(settings, this.log);
  }

  /** Announces configs of a generation. */
  save(generation: number): void {
    const meta = { version: `v${generation}`, environment: 'production', generation };
    this.persistence.save(() => ({ configs: [], meta, refreshedAt: new Date() }));
  }

  /** The generation that a process would start from now. */
  async savedGeneration(): Promise<number | undefined> {
    return (await this.persistence.read())?.envelope.meta.generation;
  }
}
