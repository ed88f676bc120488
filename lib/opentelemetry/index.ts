export { instrumentQuonfig } from './instrument-quonfig.js';
export type { QuonfigInstrumentationOptions } from './instrumentation-options.js';
