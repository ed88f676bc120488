export { type QuonfigLogMethodOptions, quonfigLogMethod } from './quonfig-log-method.js';
