import type { OnApplicationBootstrap, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { ServiceParts } from '../client/parts.js';
import { loadService, type QuonfigService } from '../client/quonfig.service.js';
import { warnOfCopies } from './loaded-copies.js';
import { hookFailed, loadedLazily } from './nest.messages.js';
import { unrefStream } from './unref-stream.js';
import type { UpdateDelivery } from './update-delivery.js';

/** What the lifecycle asks of the application. */
export interface ApplicationState {
  /** Resolves the service that the application injects, which a test may have overridden. */
  injectedService(): Partial<QuonfigService> | undefined;
  /** Whether the module was loaded after the application had started, so that Nest calls no hook of it. */
  isLoadedLazily(lifecycle: QuonfigLifecycle): boolean;
  /** Whether an HTTP server holds the process while the application runs. */
  hasHttpServer(): boolean;
}

/**
 * Ties one instance to the life of the application: loads the service while Nest resolves providers, finds the update
 * handlers when all modules exist, starts the live parts when all modules are initialized, and closes the service when
 * requests have drained.
 *
 * A bootstrap that fails must not leave a process that never ends. Live parts therefore start in `onApplicationBootstrap`:
 * if an `onModuleInit` throws, nothing has been opened. That hook also runs for `createApplicationContext` and for `init()`
 * without `listen()`. When `listen()` rejects after it, the stream is open but does not hold the process, because an
 * application with an HTTP server is held by that server alone.
 */
export class QuonfigLifecycle
  implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown
{
  private service: QuonfigService | undefined;
  private refStream = (): void => undefined;

  constructor(
    private readonly parts: ServiceParts,
    private readonly updates: UpdateDelivery,
    private readonly application: ApplicationState,
    private readonly name: string | undefined,
  ) {}

  /** Creates the service and waits for its first load. Updates are queued until handlers are known. */
  async load(): Promise<QuonfigService> {
    warnOfCopies(this.parts.options.logger);
    this.updates.follow(this.parts.store.updates$);
    this.service = await loadService(this.parts);
    if (this.application.isLoadedLazily(this)) {
      this.parts.options.logger.warn(loadedLazily(this.name));
      // Later, so that the other providers of the module exist.
      setImmediate(() => {
        this.onModuleInit();
        this.onApplicationBootstrap();
      });
    }
    return this.service;
  }

  onModuleInit(): void {
    const { service, updates } = this;
    this.attempt('call its update handlers', () => {
      updates.open();
      const injected = service ?? this.application.injectedService();
      if (injected !== service) updates.follow(injected?.updates$);
      updates.announce(injected?.connectionState$, injected?.terminalFailure$);
    });
  }

  onApplicationBootstrap(): void {
    const { service, application } = this;
    // A service that the application provides is not ours to start.
    if (service === undefined) return;
    this.attempt('follow changes', () => {
      const { network } = this.parts.options;
      if (network && application.hasHttpServer()) this.refStream = unrefStream(network.addresses);
      service.start();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    try {
      await this.service?.close();
    } catch (reason) {
      this.parts.options.logger.error(hookFailed('close', reason));
    }
    this.refStream();
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
