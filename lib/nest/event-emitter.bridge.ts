import type { ModulesContainer } from '@nestjs/core';
import type { SdkLogger } from '../interfaces/index.js';
import { eventBusNotReady, eventFailed } from './nest.messages.js';

interface EventBus {
  /** Calls the listeners; returns a promise of their results. */
  emitAsync(event: string, payload: unknown): unknown;
}

interface ReadinessWatcher {
  waitUntilReady(): Promise<unknown>;
}

type Module = Parameters<ModulesContainer['set']>[1];

/** Methods of the classes under which `@nestjs/event-emitter` provides its bus and the watcher of its readiness. */
const BUS_METHODS = ['emitAsync', 'onAny', 'listenersAny'] as const;
const WATCHER_METHODS = ['waitUntilReady', 'setReady'] as const;

/**
 * Publishes events on the bus of `@nestjs/event-emitter`, if the application has one.
 *
 * The bus is the provider whose token is the class of that package, recognized by its methods: bundlers rename classes and
 * modules, and importing the optional package from here would load another copy of it in a bundle.
 */
export class EventEmitterBridge {
  private buses: EventBus[] = [];
  private waiting: (() => void)[] | undefined;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly logger: SdkLogger,
  ) {}

  /** Whether the application has a bus. */
  get isConnected(): boolean {
    return this.buses.length > 0;
  }

  /** Finds the bus. Events are queued until it has registered the application's listeners. */
  connect(): void {
    const buses = new Set<EventBus>();
    const watchers = new Set<ReadinessWatcher>();
    for (const module of this.modules.values()) {
      const found = providedBy<EventBus>(module, BUS_METHODS);
      for (const bus of found) buses.add(bus);
      if (found.length === 0) continue;
      for (const watcher of providedBy<ReadinessWatcher>(module, WATCHER_METHODS)) {
        watchers.add(watcher);
      }
    }
    this.buses = [...buses];
    if (watchers.size === 0) return;
    this.waiting = [];
    void this.release([...watchers]);
  }

  publish(event: string, payload: unknown): void {
    if (this.waiting === undefined) this.emit(event, payload);
    else this.waiting.push(() => this.emit(event, payload));
  }

  private async release(watchers: readonly ReadinessWatcher[]): Promise<void> {
    try {
      await Promise.all(watchers.map((watcher) => watcher.waitUntilReady()));
    } catch (reason) {
      this.logger.error(eventBusNotReady(reason));
    }
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const emit of waiting) emit();
  }

  private emit(event: string, payload: unknown): void {
    for (const bus of this.buses) {
      const failed = (reason: unknown): void => this.logger.error(eventFailed(event, reason));
      try {
        Promise.resolve(bus.emitAsync(event, payload)).catch(failed);
      } catch (reason) {
        failed(reason);
      }
    }
  }
}

/** The providers of a module whose token is a class with these methods. A test may have replaced the instance. */
function providedBy<T extends object>(module: Module, methods: readonly string[]): T[] {
  const found: T[] = [];
  for (const { token, isAlias, instance } of module.providers.values()) {
    if (isAlias || typeof token !== 'function') continue;
    const prototype = token.prototype as object | undefined;
    if (prototype === undefined || !methods.every((method) => method in prototype)) continue;
    const candidate = instance as Record<string, unknown> | null | undefined;
    if (typeof candidate?.[methods[0]!] === 'function') found.push(candidate as T);
  }
  return found;
}
