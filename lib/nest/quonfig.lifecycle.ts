import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { ServiceParts } from '../client/parts.js';
import { loadService, type QuonfigService } from '../client/quonfig.service.js';
import { hookFailed } from './nest.messages.js';
import type { UpdateDelivery } from './update-delivery.js';

/**
 * Ties one instance to the application's lifecycle: loads the service while Nest resolves providers, starts its live parts
 * once the update handlers are known, and closes it after requests have drained.
 */
export class QuonfigLifecycle implements OnModuleInit, OnApplicationShutdown {
  private service: QuonfigService | undefined;

  constructor(
    private readonly parts: ServiceParts,
    private readonly updates: UpdateDelivery,
    /** Resolves the service that the application injects, which a test may have overridden. */
    private readonly injected: () => Partial<QuonfigService> | undefined,
  ) {}

  /** Creates the service and waits for its first load. Updates are queued until handlers are known. */
  async load(): Promise<QuonfigService> {
    this.updates.follow(this.parts.store.updates$);
    this.service = await loadService(this.parts);
    return this.service;
  }

  onModuleInit(): void {
    const { service, updates } = this;
    this.attempt('call its update handlers', () => {
      updates.open();
      const injected = service ?? this.injected();
      if (injected !== service) updates.follow(injected?.updates$);
      updates.announce(injected?.connectionState$, injected?.terminalFailure$);
    });
    // The application starts a service that it provides itself.
    if (service !== undefined) this.attempt('follow changes', () => service.start());
  }

  async onApplicationShutdown(): Promise<void> {
    try {
      await this.service?.close();
    } catch (reason) {
      this.parts.options.logger.error(hookFailed('close', reason));
    }
    this.updates.close();
  }

  private attempt(step: string, action: () => void): void {
    try {
      action();
    } catch (reason) {
      this.parts.options.logger.error(hookFailed(step, reason));
    }
  }
}
