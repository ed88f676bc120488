export * from './context-source.interface.js';
export * from './sdk-logger.interface.js';
export * from './quonfig-options.interface.js';
export * from './quonfig-read.interface.js';
export * from './quonfig-update.interface.js';
export * from './quonfig-types.interface.js';
export * from './quonfig-metrics.interface.js';
