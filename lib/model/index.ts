export * from './config.js';
export * from './context.js';
export * from './document.js';
export * from './envelope.js';
export * from './json.js';
export * from './key-filter.js';
export * from './slices.js';
export * from './update.js';
