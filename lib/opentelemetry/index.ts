export { instrumentQuonfig, type QuonfigInstrumentationOptions } from './instrument-quonfig.js';
