import cluster from 'node:cluster';
import type { Observable } from 'rxjs';
import { forkFailed, suspendedAtFork } from './suspend-at-fork.messages.js';

/** A service that a fork suspends. */
export interface Suspendable {
  /** Completes when the service is closed. */
  readonly connectionState$: Observable<unknown>;
  suspend(): void;
}

interface ForkSettings {
  readonly logger: { info(message: string): void; error(message: string): void };
  /** Whether the service is already suspended. */
  isSuspended(): boolean;
}

/** The services to suspend at the next fork. Weak references, so that unclosed services can be garbage-collected. */
const waiting = new Set<WeakRef<Suspendable>>();
const settings = new WeakMap<Suspendable, ForkSettings>();
const collected = new FinalizationRegistry<WeakRef<Suspendable>>(forget);

/** Suspends a service when this process, as the primary of a cluster, first forks a worker, unless it is closed before. */
export function suspendAtFork(service: Suspendable, fork: ForkSettings): void {
  if (!cluster.isPrimary) return;
  const reference = new WeakRef(service);
  settings.set(service, fork);
  collected.register(service, reference);
  if (waiting.size === 0) cluster.on('fork', onFork);
  waiting.add(reference);
  service.connectionState$.subscribe({ complete: () => forget(reference) });
}

/** Catches all errors, so that none reaches the application's `cluster.fork()`. */
function onFork(): void {
  for (const reference of waiting) {
    forget(reference);
    const service = reference.deref();
    if (service === undefined) continue;
    const fork = settings.get(service)!;
    try {
      if (fork.isSuspended()) continue;
      service.suspend();
      fork.logger.info(suspendedAtFork());
    } catch (reason) {
      fork.logger.error(forkFailed(reason));
    }
  }
}

function forget(reference: WeakRef<Suspendable>): void {
  if (waiting.delete(reference) && waiting.size === 0) cluster.off('fork', onFork);
}
