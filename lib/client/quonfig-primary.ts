import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { QuonfigService } from './quonfig.service.js';

/**
 * Follows Quonfig in the primary process of a cluster, for all of its workers: call it in the file that forks. The workers
 * set `cluster: 'shared'` and start without a request. Give both the same SDK key and URLs.
 *
 * @param options the same as for `QuonfigModule.forRoot`; `cluster` is `"shared"`. Default `{}`: the SDK key comes from the
 *   environment
 * @returns a service whose first load has finished. Workers may be forked before; they wait for it
 * @throws {InvalidOptionsError} `invalid_options`, or the error of the first load under `onInitFailure: "throw"`
 * @example
 * ```ts
 * await startQuonfigPrimary();
 * for (const _ of availableCpus) cluster.fork();
 * ```
 *
 * @publicApi
 */
export function startQuonfigPrimary(
  options: Omit<QuonfigModuleOptions, 'cluster'> = {},
): Promise<QuonfigService> {
  return QuonfigService.create({ ...options, cluster: 'shared' });
}
