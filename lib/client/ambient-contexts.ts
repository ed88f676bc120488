import { AsyncLocalStorage } from 'node:async_hooks';
import { type ContextTier, contextTier, type WarnsOnce } from '../model/index.js';
import { withoutOverrides } from '../reads/read-overrides.js';

/** The contexts of one request, message or job. */
export abstract class AmbientScope {
  private merged: ContextTier | undefined;
  private lastBase: ContextTier | undefined;
  private last: ContextTier | undefined;

  /** The contexts that the scope starts with, over those of the service. */
  protected abstract readonly base: ContextTier | undefined;

  /** The tier that reads within the scope use. The same object until the contexts change. */
  get tier(): ContextTier | undefined {
    const { base, merged } = this;
    if (merged === undefined) return base;
    if (this.last === undefined || base !== this.lastBase) {
      this.lastBase = base;
      this.last = { contexts: merged.contexts, outer: base };
    }
    return this.last;
  }

  /** Adds the contexts of a tier for the rest of the scope. They replace contexts of the same name. */
  merge(added: ContextTier | undefined): void {
    if (added === undefined) return;
    this.merged = { contexts: { ...this.merged?.contexts, ...added.contexts }, outer: undefined };
    this.last = undefined;
  }
}

/** A scope with given contexts. */
export class FixedScope extends AmbientScope {
  constructor(protected readonly base: ContextTier | undefined) {
    super();
  }
}

/**
 * The contexts of whoever is asking, which reads find by themselves. They stand between bound and global contexts. Each
 * service has its own, so two services in one process never mix.
 */
export class AmbientContexts {
  /** Whether a scope was ever entered. Until then, reads do not look for one. */
  active = false;
  private storage = new AsyncLocalStorage<AmbientScope | undefined>();

  constructor(
    /** Global and developer context. */
    public outermost: ContextTier | undefined,
    private readonly warns?: WarnsOnce,
  ) {}

  /** Enters the scopes of another service from now on: of one that an application provides in place of its own. */
  enterFor(other: AmbientContexts): void {
    if (other === this) return;
    this.storage = other.storage;
    this.outermost = other.outermost;
    this.active = true;
    other.active = true;
  }

  /** Copies contexts to a tier that takes precedence over `outer`. */
  tierOf(contexts: unknown, outer?: ContextTier): ContextTier | undefined {
    return contextTier(contexts, outer, this.warns);
  }

  get scope(): AmbientScope | undefined {
    return this.active ? this.storage.getStore() : undefined;
  }

  /** The tier for a read without bound contexts. */
  get tier(): ContextTier | undefined {
    const scope = this.storage.getStore();
    return scope === undefined ? this.outermost : scope.tier;
  }

  /** Runs an action, with everything it starts, inside a scope. */
  run<T>(scope: AmbientScope, action: () => T): T {
    this.active = true;
    return this.storage.run(scope, action);
  }

  /** Runs an action outside every scope, and without overrides: what it starts outlives the request that caused it. */
  outside<T>(action: () => T): T {
    return withoutOverrides(() => this.withoutContexts(action));
  }

  /** Runs an action outside every scope, with the overrides. */
  withoutContexts<T>(action: () => T): T {
    return this.active ? this.storage.run(undefined, action) : action();
  }
}
