export * from './resolve-logger.js';
export * from './resolve-options.js';
export * from './resolved-options.js';
