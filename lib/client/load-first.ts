import { suspendAtFork } from '../delivery/cluster/suspend-at-fork.js';
import { firstLoad } from '../delivery/init-policy.js';
import { subscribeCallbacks } from '../updates/option-callbacks.js';
import type { ServiceParts } from './parts.js';

/**
 * Connects the options to a new service and waits for its first load.
 *
 * @throws the error of the first load, under `onInitFailure: "throw"`
 */
export async function loadFirst(
  { options, store, delivery, callbacks }: ServiceParts,
  service: Parameters<typeof suspendAtFork>[0],
): Promise<void> {
  subscribeCallbacks(options, store.updates$, delivery.streamState$, callbacks);
  if (options.cluster === 'suspend-primary') {
    suspendAtFork(service, { logger: options.logger, isSuspended: () => delivery.suspended });
  }
  await firstLoad(delivery, options.onInitFailure, options.logger);
}
