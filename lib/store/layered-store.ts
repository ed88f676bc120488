import { AsyncLocalStorage } from 'node:async_hooks';
import { type Config, type Isolate, sameJson } from '../model/index.js';
import { ConfigStore } from './config-store.js';
import type { Snapshot } from './snapshot.js';

/** Configs over those of another layer. */
class Layer {
  open = true;
  /** The first ambiguous read that concerns this layer. */
  failure: Error | undefined;
  /** Cleared whenever a layer below or this one changes. */
  snapshot: Snapshot | undefined;

  constructor(
    readonly initial: ReadonlyMap<string, Config>,
    readonly below?: Layer,
    readonly configs = new Map(initial),
  ) {}

  /** The configs of the scopes, from the outermost to this one, without those of the base. */
  get ofScopes(): Map<string, Config> {
    if (this.below === undefined) return new Map();
    return new Map([...this.below.ofScopes, ...this.configs]);
  }
}

interface Scope {
  readonly store: LayeredStore;
  readonly layer: Layer;
  readonly outer: Scope | undefined;
}

/** What a read outside of every scope sees while several are open. */
interface SharedView {
  readonly snapshot: Snapshot;
  /** The layers that set a key differently, by key. */
  readonly ambiguous: ReadonlyMap<string, readonly Layer[]>;
}

/** One for all stores: Node keeps every storage that was ever used. */
const scopes = new AsyncLocalStorage<Scope>();

/**
 * A store whose configs are set by calls, at once. A scope has configs of its own over them, for the code that runs in it.
 * Code outside of every scope, such as a request that arrives over a socket, sees the open scopes: a scope that is open alone,
 * or what all open ones agree on.
 */
export class LayeredStore extends ConfigStore {
  private base = new Layer(new Map());
  private readonly layers = new Set<Layer>();
  private shared: SharedView | undefined;

  /** @param toSnapshot creates the snapshot of configs, at once, with a number of its own as version */
  constructor(
    private readonly toSnapshot: (configs: ReadonlyMap<string, Config>) => Snapshot,
    isolate?: Isolate,
  ) {
    super(isolate);
  }

  override get current(): Snapshot {
    if (this.layers.size === 0) return this.snapshotOf(this.base);
    const { layer } = this;
    return layer === undefined ? this.sharedView().snapshot : this.snapshotOf(layer);
  }

  /** Each scope has a view of its own. */
  override get view(): number {
    return Number(this.current.version);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Replaces all configs, in scopes too, which keep those of their own. */
  begin(configs: ReadonlyMap<string, Config>): void {
    this.change(() => (this.base = new Layer(configs)));
  }

  /** Adds or replaces configs: of the current scope, or of all code outside of any. */
  put(configs: Iterable<Config>): void {
    const { configs: target } = this.layer ?? this.base;
    this.change(() => {
      for (const config of configs) target.set(config.key, config);
    });
  }

  /** Returns to the configs that the current scope began with, or those of `begin` outside of any. */
  restore(): void {
    const { configs, initial } = this.layer ?? this.base;
    this.change(() => {
      configs.clear();
      for (const [key, config] of initial) configs.set(key, config);
    });
  }

  /** Runs an action, with everything that it starts, in a scope with these configs; the scope ends with what it returns. */
  within<T>(configs: ReadonlyMap<string, Config>, action: () => T): T {
    const before = this.current;
    const layer = new Layer(configs, this.layer ?? this.base);
    this.layers.add(layer);
    return scopes.run({ store: this, layer, outer: scopes.getStore() }, () => {
      this.announceFrom(before);
      let result: T;
      try {
        result = action();
      } catch (error) {
        throw this.end(layer, error);
      }
      if (!isThenable(result)) {
        const failure = this.end(layer, undefined);
        if (failure !== undefined) throw failure;
        return result;
      }
      // A thenable that throws is a rejection, too.
      const ending = Promise.resolve(result).then(
        (value) => {
          const failure = this.end(layer, undefined);
          if (failure !== undefined) throw failure;
          return value;
        },
        (error: unknown) => {
          throw this.end(layer, error);
        },
      );
      return ending as T;
    });
  }

  /** Runs an action outside of every scope, those of other stores included. */
  outside<T>(action: () => T): T {
    return scopes.exit(action);
  }

  /** Fails a read that several open scopes would answer differently, and the scopes too: who reads may handle the error. */
  failIfAmbiguous(key: string, toError: (key: string) => Error): void {
    if (this.layers.size < 2 || this.layer !== undefined) return;
    const layers = this.sharedView().ambiguous.get(key);
    if (layers === undefined) return;
    const error = toError(key);
    for (const layer of layers) layer.failure ??= error;
    throw error;
  }

  /** The layer of the scope that runs now. */
  private get layer(): Layer | undefined {
    for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
      if (scope.store === this && scope.layer.open) return scope.layer;
    }
    return undefined;
  }

  private change(apply: () => void): void {
    if (this.closed) return;
    const before = this.current;
    apply();
    this.announceFrom(before);
  }

  private announceFrom(before: Snapshot): void {
    this.forget();
    this.announce('datafile', before, this.current);
  }

  /** Ends a scope. Returns the error that it ends with. */
  private end(layer: Layer, thrown: unknown): unknown {
    const before = this.snapshotOf(layer);
    layer.open = false;
    this.layers.delete(layer);
    this.announceFrom(before);
    const { failure } = layer;
    if (failure !== undefined && thrown !== undefined && thrown !== failure)
      failure.cause ??= thrown;
    return failure ?? thrown;
  }

  private forget(): void {
    this.shared = undefined;
    this.base.snapshot = undefined;
    for (const layer of this.layers) layer.snapshot = undefined;
  }

  private snapshotOf(layer: Layer): Snapshot {
    layer.snapshot ??= this.toSnapshot(new Map([...this.base.configs, ...layer.ofScopes]));
    return layer.snapshot;
  }

  private sharedView(): SharedView {
    this.shared ??= this.computeSharedView();
    return this.shared;
  }

  private computeSharedView(): SharedView {
    const below = new Set([...this.layers].map((layer) => layer.below));
    // A scope inside another one stands for both.
    const innermost = [...this.layers].filter((layer) => !below.has(layer));
    if (innermost.length === 1) {
      return { snapshot: this.snapshotOf(innermost[0]!), ambiguous: new Map() };
    }
    const configs = new Map(this.base.configs);
    const setBy = new Map<string, Layer[]>();
    const ambiguous = new Map<string, Layer[]>();
    for (const layer of innermost) {
      for (const [key, config] of layer.ofScopes) {
        const others = setBy.get(key) ?? [];
        setBy.set(key, [...others, layer]);
        if (others.length > 0 && !sameJson(configs.get(key), config)) ambiguous.set(key, []);
        configs.set(key, config);
      }
    }
    for (const key of ambiguous.keys()) ambiguous.set(key, setBy.get(key)!);
    return { snapshot: this.toSnapshot(configs), ambiguous };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
