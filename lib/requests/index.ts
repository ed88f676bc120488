export * from './discard.js';
export * from './error-code.js';
export * from './failure-code.js';
export type * from './fetch.js';
export * from './retry-after.js';
export * from './sdk-key.js';
export * from './until-aborted.js';
export * from './with-deadline.js';
