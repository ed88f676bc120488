import { fileURLToPath } from 'node:url';

/** Where the configs are in development. In production they come from the API. */
export const datadir = fileURLToPath(new URL('../workspace', import.meta.url));
