export type { QuonfigUpdate, UpdateSource } from '../model/index.js';
