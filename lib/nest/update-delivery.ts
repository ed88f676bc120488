import type { ModulesContainer } from '@nestjs/core';
import { distinctUntilChanged, isObservable, type Observable, Subscription } from 'rxjs';
import type { ServiceParts } from '../client/parts.js';
import type { SdkLogger, QuonfigUpdate } from '../interfaces/index.js';
import type { CallbackRunner } from '../updates/callback-runner.js';
import { EventEmitterBridge } from './event-emitter.bridge.js';
import { HandlerKeys } from './handler-keys.js';
import { InstanceNames } from './instance-names.js';
import { instanceTwice } from './nest.messages.js';
import {
  QUONFIG_CONNECTION_EVENT,
  QUONFIG_TERMINAL_FAILURE_EVENT,
  QUONFIG_UPDATE_EVENT,
} from './quonfig.constants.js';
import { QuonfigUpdateExplorer } from './quonfig-update.explorer.js';
import { UpdateHandlers } from './update-handlers.js';

/** Delivers the updates and states of one instance to its `@OnQuonfigUpdate` handlers and to the event bus. */
export class UpdateDelivery {
  /** Updates that arrive before the handlers are known. */
  private queued: QuonfigUpdate[] | undefined = [];
  private handlers: UpdateHandlers | undefined;
  private readonly logger: SdkLogger;
  private readonly callbacks: CallbackRunner;
  /** `undefined` if the keys of handlers are not checked. */
  private readonly handlerKeys: HandlerKeys | undefined;
  private readonly bus: EventEmitterBridge;
  private readonly subscriptions = new Subscription();

  constructor(
    private readonly name: string | undefined,
    { options: { logger, onUnknownKey }, callbacks, store }: ServiceParts,
    private readonly modules: ModulesContainer,
  ) {
    this.logger = logger;
    this.callbacks = callbacks;
    const keys = new HandlerKeys(() => store.current?.keys(), logger);
    this.handlerKeys = onUnknownKey === 'silent' ? undefined : keys;
    this.bus = new EventEmitterBridge(modules, logger);
    InstanceNames.of(modules).add(name);
  }

  /** Delivers these updates; queues them until `open()`. */
  follow(updates$: Observable<QuonfigUpdate> | undefined): void {
    this.listen(updates$, (update) => {
      if (this.queued === undefined) this.deliver(update);
      else this.queued.push(update);
    });
  }

  /** Finds the handlers and the event bus, and delivers what is queued. */
  open(): void {
    const { modules, logger, callbacks, handlerKeys } = this;
    const names = this.namesToCheck();
    const explorer = new QuonfigUpdateExplorer(modules, this.name, logger, names);
    this.handlers = new UpdateHandlers(explorer, callbacks, handlerKeys);
    this.handlers.discover();
    this.bus.connect();
    const queued = this.queued ?? [];
    this.queued = undefined;
    for (const update of queued) this.deliver(update);
  }

  /** Publishes states and terminal failures on the event bus. */
  announce(
    states$: Observable<unknown> | undefined,
    failures$: Observable<unknown> | undefined,
  ): void {
    if (!this.bus.isConnected) return;
    this.listen(states$?.pipe?.(distinctUntilChanged()), (state) => {
      this.bus.publish(this.event(QUONFIG_CONNECTION_EVENT), state);
    });
    this.listen(failures$, (failure) => {
      this.bus.publish(this.event(QUONFIG_TERMINAL_FAILURE_EVENT), failure);
    });
  }

  close(): void {
    this.subscriptions.unsubscribe();
  }

  private deliver(update: QuonfigUpdate): void {
    this.handlers?.deliver(update);
    this.bus.publish(this.event(QUONFIG_UPDATE_EVENT), update);
  }

  /**
   * Selects one instance to warn about handlers for an unknown instance, and about instances that share a name.
   *
   * @returns the names of all instances for the selected one; `undefined` for the others
   */
  private namesToCheck(): ReadonlySet<string | undefined> | undefined {
    const names = InstanceNames.of(this.modules).take();
    if (names === undefined) return undefined;
    const known = new Set(names);
    for (const name of known) {
      const count = names.filter((other) => other === name).length;
      if (count > 1) this.logger.warn(instanceTwice(name, count));
    }
    return known;
  }

  /** Ignores anything else than an Observable: the application may have overridden the service. */
  private listen<T>(values$: Observable<T> | undefined, listener: (value: T) => void): void {
    if (isObservable(values$)) this.subscriptions.add(values$.subscribe(listener));
  }

  /** `quonfig.update`; `quonfig.<name>.update` for a named instance. */
  private event(event: string): string {
    return this.name === undefined ? event : event.replace('.', () => `.${this.name}.`);
  }
}
