import { esbuild, ncc } from './bundled.mjs';
import { container } from './container.mjs';
import { pnpm, yarnPnp } from './managers.mjs';
import { monorepo, nestBuild } from './nest-cli.mjs';
import { bun, deno } from './runtimes.mjs';
import { tsc } from './tsc.mjs';

/** Per setup: prepares the application of a cell; returns the command that starts it. */
export const makers = {
  tsc,
  'nest-build': nestBuild('tsc'),
  'nest-swc': nestBuild('swc'),
  'nest-webpack': nestBuild('webpack'),
  monorepo,
  esbuild,
  ncc,
  pnpm,
  'yarn-pnp': yarnPnp,
  bun,
  deno,
  container,
};
