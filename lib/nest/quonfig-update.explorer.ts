import { Scope } from '@nestjs/common';
import { ModuleRef, type ModulesContainer } from '@nestjs/core';
import {
  subscriptionsOf,
  type UpdateSubscription,
} from './decorators/on-quonfig-update.decorator.js';
import type { SdkLogger } from '../interfaces/index.js';
import { type KeyFilter, keyFilter } from '../model/index.js';
import { classNotExplored, handlerNotStatic, instanceUnknown } from './nest.messages.js';
import { className } from './class-name.js';

type Module = Parameters<ModulesContainer['set']>[1];
type InstanceWrapper = Module['providers'] extends Map<unknown, infer Wrapper> ? Wrapper : never;

/** A method to call with updates. */
export interface UpdateHandler {
  readonly instance: object;
  readonly method: string | symbol;
  /** `Class.method`. */
  readonly label: string;
  /** Keys and patterns, as written. */
  readonly keys: readonly string[];
  readonly filter: KeyFilter;
}

interface MarkedMethod {
  readonly method: string | symbol;
  readonly subscriptions: readonly UpdateSubscription[];
}

/**
 * Finds the methods that `@OnQuonfigUpdate` marks for one instance, in every module of the application. Handlers of a
 * lazily loaded module are found at the first update after it has loaded.
 */
export class QuonfigUpdateExplorer {
  private readonly searched = new WeakSet<InstanceWrapper>();
  private readonly instances = new WeakSet<object>();
  private started = false;
  private exploredModules = 0;
  /** Whether Nest was still building a class at the last search, because a module was loading. */
  private incomplete = false;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly name: string | undefined,
    private readonly logger: SdkLogger,
    /** The names of all instances, if this explorer warns about handlers for unknown ones. */
    private readonly knownNames?: ReadonlySet<string | undefined>,
  ) {}

  /** Returns the handlers that earlier calls did not return. Searches only when modules were added. */
  explore(): UpdateHandler[] {
    const handlers: UpdateHandler[] = [];
    if (this.modules.size === this.exploredModules && !this.incomplete) return handlers;
    this.exploredModules = this.modules.size;
    this.incomplete = false;
    for (const module of this.modules.values()) {
      for (const wrapper of wrappersOf(module)) this.search(wrapper, handlers);
    }
    this.started = true;
    return handlers;
  }

  private search(wrapper: InstanceWrapper, handlers: UpdateHandler[]): void {
    if (this.searched.has(wrapper)) return;
    if (this.started && isLoading(wrapper)) {
      this.incomplete = true;
      return;
    }
    this.searched.add(wrapper);
    try {
      const { instance } = wrapper as { instance: unknown };
      if (wrapper.isAlias || typeof instance !== 'object' || instance === null) return;
      if (this.instances.has(instance)) return;
      this.instances.add(instance);
      for (const marked of markedMethods(instance)) this.add(marked, instance, wrapper, handlers);
    } catch (reason) {
      this.logger.warn(classNotExplored(String(wrapper.name), reason));
    }
  }

  private add(
    { method, subscriptions }: MarkedMethod,
    instance: object,
    wrapper: InstanceWrapper,
    handlers: UpdateHandler[],
  ): void {
    const label = `${className(Reflect.getPrototypeOf(instance))}.${String(method)}`;
    for (const { name } of subscriptions) {
      if (this.knownNames?.has(name) === false) this.logger.warn(instanceUnknown(label, name));
    }
    const own = subscriptions.filter(({ name }) => name === this.name);
    if (own.length === 0) return;
    if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
      this.logger.warn(handlerNotStatic(label));
      return;
    }
    const everything = own.some(({ keys }) => keys.length === 0);
    const keys = own.flatMap((subscription) => subscription.keys);
    const filter = keyFilter(everything ? [] : keys);
    handlers.push({ instance, method, label, keys, filter });
  }
}

/** Everything that Nest creates for a module. Injectables are guards, interceptors, pipes and filters. */
function* wrappersOf(module: Module): Generator<InstanceWrapper> {
  yield* module.providers.values();
  yield* module.controllers.values();
  yield* module.injectables.values();
  yield* module.middlewares.values();
}

/** Whether Nest is still building the class, as it may be while a module loads lazily. The next search retries it. */
function isLoading(wrapper: InstanceWrapper): boolean {
  // Nest adds the ModuleRef of each module as a finished value, without an initTime.
  if (wrapper.token === ModuleRef) return false;
  const ofDefaultScope = wrapper.scope === undefined || wrapper.scope === Scope.DEFAULT;
  return ofDefaultScope && Boolean(wrapper.metatype) && wrapper.initTime === undefined;
}

/** The marked methods of an object, its own class before the classes it extends. Runs no getter. */
function markedMethods(instance: object): MarkedMethod[] {
  const marked: MarkedMethod[] = [];
  const visited = new Set<string | symbol>();
  let prototype: object | null = Reflect.getPrototypeOf(instance);
  while (prototype !== null && prototype !== Object.prototype) {
    for (const method of Reflect.ownKeys(prototype)) {
      if (visited.has(method)) continue;
      visited.add(method);
      const subscriptions = subscriptionsOf(prototype, method);
      if (subscriptions.length > 0) marked.push({ method, subscriptions });
    }
    prototype = Reflect.getPrototypeOf(prototype);
  }
  return marked;
}
