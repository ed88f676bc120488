export * from './credentials.js';
export * from './error-code.js';
export * from './innermost.js';
export * from './retry-after.js';
export * from './until-aborted.js';
