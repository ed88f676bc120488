export { QuonfigProvider } from './quonfig.provider.js';
export type { QuonfigProviderOptions, QuonfigTrackingHandler } from './provider-options.js';
