import cluster from 'node:cluster';
import type { Observable } from 'rxjs';
import { forkFailed, suspendedAtFork } from './suspend-at-fork.messages.js';

/** What a fork suspends. */
export interface Suspendable {
  /** Completes when it is closed. */
  readonly connectionState$: Observable<unknown>;
  suspend(): void;
}

interface ForkSettings {
  readonly logger: { info(message: string): void; error(message: string): void };
  /** Whether it is suspended already. */
  isSuspended(): boolean;
}

/** All that wait for a fork of this process, held weakly. */
const waiting = new Set<WeakRef<Suspendable>>();
const settings = new WeakMap<Suspendable, ForkSettings>();
const collected = new FinalizationRegistry<WeakRef<Suspendable>>(forget);

/** Suspends something at the first fork that this process makes as the primary of a cluster, unless it is closed before. */
export function suspendAtFork(client: Suspendable, given: ForkSettings): void {
  if (!cluster.isPrimary) return;
  const reference = new WeakRef(client);
  settings.set(client, given);
  collected.register(client, reference);
  if (waiting.size === 0) cluster.on('fork', onFork);
  waiting.add(reference);
  client.connectionState$.subscribe({ complete: () => forget(reference) });
}

/** Whatever goes wrong here must not reach the application's `cluster.fork()`. */
function onFork(): void {
  for (const reference of waiting) {
    forget(reference);
    const client = reference.deref();
    if (client === undefined) continue;
    const given = settings.get(client)!;
    try {
      if (given.isSuspended()) continue;
      client.suspend();
      given.logger.info(suspendedAtFork());
    } catch (reason) {
      given.logger.error(forkFailed(reason));
    }
  }
}

function forget(reference: WeakRef<Suspendable>): void {
  if (waiting.delete(reference) && waiting.size === 0) cluster.off('fork', onFork);
}
