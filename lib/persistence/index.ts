export { EncryptionKey } from './encryption-key.js';
export { FileStore } from './file-store.js';
export { Persistence, type PersistenceCounters } from './persistence.js';
export type { CurrentConfigs, PersistenceSettings, SavedConfigs } from './persistence.js';
export { savedUnusable } from './persistence.messages.js';
export type { PersistenceOptions, PersistenceStore } from './persistence-options.js';
