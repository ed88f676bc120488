export * from './config-store.js';
export * from './difference.js';
export * from './install-guard.js';
export * from './layered-store.js';
export * from './snapshot-update.js';
export * from './snapshot.js';
export * from './workspace-check.js';
