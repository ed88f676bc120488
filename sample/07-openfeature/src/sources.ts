import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace of the shop, and the environment to evaluate it for. */
export const workspace = {
  datadir: resolve(
    process.env.QUONFIG_DIR ?? fileURLToPath(new URL('../workspace', import.meta.url)),
  ),
  environment: 'development',
};

/** The configs of the billing team. */
export const billing = {
  datafile: fileURLToPath(new URL('../billing.json', import.meta.url)),
};
