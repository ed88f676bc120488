import type { DiscoveryService } from '@nestjs/core';
import type { QuonfigLogger } from '../interfaces/index.js';
import { eventBusNotReady, eventFailed } from './nest.messages.js';

interface EventBus {
  /** Calls the listeners and gives a promise of what they give. */
  emitAsync(event: string, payload: unknown): unknown;
}

interface ReadinessWatcher {
  waitUntilReady(): Promise<unknown>;
}

/**
 * Sends events to the bus of `@nestjs/event-emitter`, when the application has one. The package is optional, so
 * its providers are recognised by the name of its module.
 */
export class EventEmitterBridge {
  private buses: EventBus[] = [];
  private waiting: (() => void)[] | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly logger: QuonfigLogger,
  ) {}

  /** Looks for the bus. Events are kept until it has registered the application's listeners. */
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

  /** What the optional package provides, recognised by a method. */
  private provided<T extends object>(method: keyof T & string): T[] {
    const instances = this.discovery
      .getProviders()
      .filter(({ host, isAlias }) => !isAlias && host?.name === 'EventEmitterModule')
      .map(({ instance }) => instance as T | null | undefined)
      .filter((instance): instance is T => typeof instance?.[method] === 'function');
    return [...new Set(instances)];
  }
}
