import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the configs are, and the environment to evaluate them for. */
export const workspace = {
  datadir: resolve(
    process.env.QUONFIG_DIR ?? fileURLToPath(new URL('../workspace', import.meta.url)),
  ),
  environment: 'development',
};
