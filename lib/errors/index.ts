export * from './delivery.errors.js';
export * from './evaluation.errors.js';
export * from './lifecycle.errors.js';
export { isQuonfigError, QuonfigError } from './quonfig.error.js';
export * from './source.errors.js';
export * from './test.errors.js';
