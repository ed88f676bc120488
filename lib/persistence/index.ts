export { EncryptionKey } from './encryption-key.js';
export { Persistence, type PersistenceCounters } from './persistence.js';
export type { CurrentConfigs, PersistenceSettings } from './persistence.js';
export type { SavedConfigs } from './saved-configs.js';
export { savedUnusable } from './persistence.messages.js';
export type { PersistenceOptions, PersistenceStore } from './persistence-options.js';
