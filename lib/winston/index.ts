export { quonfigFormat, type QuonfigFormatOptions } from './quonfig-format.js';
