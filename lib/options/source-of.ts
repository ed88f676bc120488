import type { ConfigSource } from '../delivery/local-source.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { keyOf } from './network-options.js';

/** Returns where the options read configs from; `undefined` if they set no source. Files take precedence over an SDK key. */
export function sourceOf(
  options: QuonfigModuleOptions,
  env: NodeJS.ProcessEnv,
): ConfigSource | undefined {
  if (options.datadir !== undefined) return 'datadir';
  if (options.datafile !== undefined) return 'datafile';
  return keyOf(options, env) === undefined ? undefined : 'network';
}
