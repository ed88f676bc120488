import type { DiscoveryService } from '@nestjs/core';
import type { QuonfigLogger } from '../interfaces/index.js';
import { eventBusNotReady, eventFailed } from './nest.messages.js';

interface EventBus {
  /** Calls the listeners; returns a promise of their results. */
  emitAsync(event: string, payload: unknown): unknown;
}

interface ReadinessWatcher {
  waitUntilReady(): Promise<unknown>;
}

/**
 * Publishes events on the bus of `@nestjs/event-emitter`, if the application has one. The package is optional, so its
 * providers are recognized by the name of their module.
 */
export class EventEmitterBridge {
  private buses: EventBus[] = [];
  private waiting: (() => void)[] | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly logger: QuonfigLogger,
  ) {}

  /** Finds the bus. Events are queued until it has registered the application's listeners. */
  connect(): void {
    this.buses = this.provided<EventBus>('emitAsync');
    const watchers = this.provided<ReadinessWatcher>('waitUntilReady');
    if (this.buses.length === 0 || watchers.length === 0) return;
    this.waiting = [];
    void this.release(watchers);
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

  /** The providers of the optional package that have this method. */
  private provided<T extends object>(method: keyof T & string): T[] {
    const instances = this.discovery
      .getProviders()
      .filter(({ host, isAlias }) => !isAlias && host?.name === 'EventEmitterModule')
      .map(({ instance }) => instance as T | null | undefined)
      .filter((instance): instance is T => typeof instance?.[method] === 'function');
    return [...new Set(instances)];
  }
}
