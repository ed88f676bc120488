import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { DiscoveryService, ModuleRef } from '@nestjs/core';
import { distinctUntilChanged, isObservable, type Observable, Subscription } from 'rxjs';
import type { Delivery } from '../delivery/delivery.js';
import type { QuonfigUpdate } from '../interfaces/index.js';
import type { ResolvedOptions } from '../options/index.js';
import {
  QUONFIG_CONNECTION_EVENT,
  QUONFIG_TERMINAL_FAILURE_EVENT,
  QUONFIG_UPDATE_EVENT,
} from './quonfig.constants.js';
import { createService, type QuonfigService } from '../client/quonfig.service.js';
import { getQuonfigToken } from './quonfig.tokens.js';
import type { ConfigStore } from '../store/index.js';
import type { TelemetryReporter } from '../telemetry/telemetry-reporter.js';
import type { TelemetryWindow } from '../telemetry/telemetry-window.js';
import type { CallbackRunner } from '../updates/callback-runner.js';
import { EventEmitterBridge } from './event-emitter.bridge.js';
import { QuonfigUpdateExplorer } from './quonfig-update.explorer.js';
import { UpdateHandlers } from './update-handlers.js';
import { hookFailed, instanceTwice } from './nest.messages.js';

/**
 * Ties one instance to the life of the application: makes the service while modules are being wired, starts the live
 * parts when the update handlers are known, and closes the service when requests have drained.
 */
export class QuonfigLifecycle implements OnModuleInit, OnApplicationShutdown {
  private service: QuonfigService | undefined;
  private readonly early: QuonfigUpdate[] = [];
  private receive = (update: QuonfigUpdate): void => void this.early.push(update);
  private readonly subscriptions = new Subscription();

  /** Asks no trap of a proxy and no `Symbol.hasInstance`: providers are objects of any kind. */
  private static is(instance: unknown): instance is QuonfigLifecycle {
    return typeof instance === 'object' && instance !== null && #name in instance;
  }

  readonly #name: string | undefined;

  constructor(
    name: string | undefined,
    private readonly options: ResolvedOptions,
    private readonly store: ConfigStore,
    private readonly delivery: Delivery,
    private readonly callbacks: CallbackRunner,
    private readonly window: TelemetryWindow | undefined,
    private readonly reporter: TelemetryReporter | undefined,
    private readonly discovery: DiscoveryService,
    private readonly moduleRef: ModuleRef,
  ) {
    this.#name = name;
  }

  /** Makes the service and waits for its first load. Updates are kept until there are handlers. */
  async load(): Promise<QuonfigService> {
    this.listen(this.store.updates$, (update) => this.receive(update));
    const { options, store, delivery, callbacks, window, reporter } = this;
    this.service = await createService(options, store, delivery, callbacks, window, reporter);
    return this.service;
  }

  onModuleInit(): void {
    this.attempt('call its update handlers', () => this.deliverUpdates());
    // What the module did not make it does not start: the application has put its own in place.
    const { service } = this;
    if (service !== undefined) this.attempt('follow changes', () => service.start());
  }

  async onApplicationShutdown(): Promise<void> {
    try {
      await this.service?.close();
    } catch (reason) {
      this.options.logger.error(hookFailed('close', reason));
    }
    this.subscriptions.unsubscribe();
  }

  private deliverUpdates(): void {
    const { discovery, callbacks } = this;
    const { logger } = this.options;
    const explorer = new QuonfigUpdateExplorer(discovery, this.#name, logger, this.reportOthers());
    const handlers = new UpdateHandlers(explorer, callbacks);
    const bridge = new EventEmitterBridge(discovery, logger);
    handlers.find();
    bridge.connect();
    this.receive = (update) => {
      handlers.deliver(update);
      bridge.publish(this.event(QUONFIG_UPDATE_EVENT), update);
    };
    for (const update of this.early.splice(0)) this.receive(update);

    const service = this.service ?? this.overridingService();
    if (service !== this.service) {
      this.listen(service?.updates$, (update) => this.receive(update));
    }
    this.listen(service?.connectionState$?.pipe(distinctUntilChanged()), (state) => {
      bridge.publish(this.event(QUONFIG_CONNECTION_EVENT), state);
    });
    this.listen(service?.terminalFailure$, (failure) => {
      bridge.publish(this.event(QUONFIG_TERMINAL_FAILURE_EVENT), failure);
    });
  }

  /** Of all instances one reports what concerns them all; for that one, the names there are. */
  private reportOthers(): ReadonlySet<string | undefined> | undefined {
    const names = this.discovery
      .getProviders()
      .map(({ instance }) => instance as unknown)
      .filter((instance) => QuonfigLifecycle.is(instance))
      .map((lifecycle) => [lifecycle, lifecycle.#name] as const);
    if (names[0]?.[0] !== this) return undefined;
    const known = new Set(names.map(([, name]) => name));
    for (const name of known) {
      const count = names.filter(([, other]) => other === name).length;
      if (count > 1) this.options.logger.warn(instanceTwice(name, count));
    }
    return known;
  }

  /** What a test or an application has put in place of the service: anything at all. */
  private overridingService(): Partial<QuonfigService> | undefined {
    return this.moduleRef.get<Partial<QuonfigService>>(getQuonfigToken(this.#name)) ?? undefined;
  }

  private listen<T>(values$: Observable<T> | undefined, listener: (value: T) => void): void {
    if (isObservable(values$)) this.subscriptions.add(values$.subscribe(listener));
  }

  /** `quonfig.update`; of a named instance `quonfig.<name>.update`. */
  private event(event: string): string {
    return this.#name === undefined ? event : event.replace('.', () => `.${this.#name}.`);
  }

  private attempt(step: string, action: () => void): void {
    try {
      action();
    } catch (reason) {
      this.options.logger.error(hookFailed(step, reason));
    }
  }
}
