import type { OnApplicationBootstrap, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { of } from 'rxjs';
import type { ServiceParts } from '../client/parts.js';
import { loadFirst } from '../client/load-first.js';
import { QuonfigService } from '../client/quonfig.service.js';
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
 * without `listen()`. When `listen()` or another `onApplicationBootstrap` rejects after it, the stream is open but does not
 * hold the process of an application with an HTTP server: that server alone does. Without an HTTP server, following changes
 * may be all that the application does, so there the stream holds the process.
 */
export class QuonfigLifecycle
  implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown
{
  private service: QuonfigService | undefined;
  private opened = false;
  private started = false;

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
    const service = new QuonfigService(this.parts);
    await loadFirst(this.parts, service);
    this.service = service;
    if (this.application.isLoadedLazily(this)) this.startLate();
    return service;
  }

  /** Later, so that the other providers of the module exist, and hooks that Nest does call have been called. */
  private startLate(): void {
    setImmediate(() => {
      if (this.started) return;
      this.parts.options.logger.warn(loadedLazily(this.name));
      this.onModuleInit();
      this.onApplicationBootstrap();
    });
  }

  onModuleInit(): void {
    // A lazily loaded module may still get the hook, if the application is not initialized yet.
    if (this.opened) return;
    this.opened = true;
    const { service, updates } = this;
    this.attempt('call its update handlers', () => {
      updates.open();
      const injected = service ?? this.application.injectedService();
      if (injected !== service) {
        if (injected instanceof QuonfigService) {
          const { store, ambient } = injected.parts;
          // It loaded its configs before this application existed, and handlers rely on the first load.
          const first = store.asFirstUpdate();
          if (first !== undefined) updates.follow(of(first));
          this.parts.ambient.enterFor(ambient);
        }
        updates.follow(injected?.updates$);
      }
      updates.announce(injected?.connectionState$, injected?.terminalFailure$);
    });
  }

  onApplicationBootstrap(): void {
    const { service, application } = this;
    // A service that the application provides is not ours to start.
    if (service === undefined || this.started) return;
    this.started = true;
    this.attempt('follow changes', () => {
      const { network } = this.parts.options;
      if (network && application.hasHttpServer()) {
        const stop = unrefStream(network.addresses);
        this.parts.cluster?.unref();
        this.parts.delivery.connectionState$.subscribe({ complete: stop });
      }
      service.start();
    });
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
