import { defer } from 'rxjs';
import { InMemoryDelivery, type SimulatedFault } from '../delivery/in-memory-delivery.js';
import { ClosedError, InvalidEnvelopeError } from '../errors/index.js';
import type {
  KnownKey,
  QuonfigModuleOptions,
  QuonfigTypes,
  UntypedKey,
} from '../interfaces/index.js';
import { oncePerMessage } from '../logging/once-per-message.js';
import { type Config, configProblem, type Contexts } from '../model/index.js';
import { resolveOptions } from '../options/index.js';
import { InMemoryReads } from '../reads/in-memory-reads.js';
import { LayeredStore, Snapshot } from '../store/index.js';
import { CallbackRunner } from '../updates/callback-runner.js';
import { isolatedBy } from '../updates/isolated-observable.js';
import { type LiveValue, liveValue } from '../updates/live-value.js';
import { subscribeCallbacks } from '../updates/option-callbacks.js';
import type { QuonfigParts } from './part-row.js';
import { evaluationHost, readSettings } from './part-settings.js';
import { createParts } from './parts.js';
import { QuonfigService } from './quonfig.service.js';

/**
 * Options of {@link InMemoryQuonfig}.
 *
 * @publicApi
 */
export interface InMemoryOptions extends Pick<
  QuonfigModuleOptions,
  'context' | 'globalContext' | 'loggerKey' | 'logger' | 'onConfigUpdate' | 'onNoDefault' | 'random'
> {
  /** Id of the environment whose rules apply. Default `"test"`. */
  environment?: string | undefined;
  /**
   * Whether reads throw a `TestValueError` where they would return a default, `false` or an error code because the key is
   * unknown or its value has another type. Default `false`.
   */
  strict?: boolean | undefined;
  /** Whether reads accept keys that no config has, without a warning. Default `false`. */
  allowUnknown?: boolean | undefined;
}

/** Nothing comes from the environment of the process or the files of its user. */
const NO_ENVIRONMENT = {};

/**
 * A service whose configs your code sets. Calls take effect, and notify handlers and subscribers, before they return. It
 * opens no files or connections and starts no timers. The base of the test service in `nestjs-quonfig/testing`.
 *
 * @example
 * ```ts
 * const quonfig = new InMemoryQuonfig([config]);
 * quonfig.put([changedConfig]);
 * ```
 *
 * @publicApi
 */
export class InMemoryQuonfig<Types = QuonfigTypes> extends QuonfigService<Types> {
  private readonly layers: LayeredStore;
  private readonly delivery: InMemoryDelivery;

  /**
   * @param configs the configs to begin with, copied
   * @param options most options of the module; see {@link InMemoryOptions}. Default `{}`
   * @throws {InvalidOptionsError} `invalid_options`
   * @throws {InvalidEnvelopeError} `invalid_envelope`: one of them is not a config
   */
  constructor(configs: readonly Config[], options: InMemoryOptions = {}) {
    const parts = inMemoryParts(options);
    super(parts);
    this.layers = parts.store;
    this.delivery = parts.delivery;
    subscribeCallbacks(
      parts.options,
      parts.store.updates$,
      parts.delivery.streamState$,
      parts.callbacks,
    );
    this.layers.begin(copied(configs));
  }

  /**
   * Adds configs, or replaces those with the same key. Inside {@link within}, it changes the configs of that call.
   *
   * @param configs copied
   * @throws {InvalidEnvelopeError} `invalid_envelope`: one of them is not a config
   * @throws {ClosedError} `closed`: after `close()`
   */
  put(configs: readonly Config[]): void {
    const added = copied(configs);
    this.failIfClosed();
    this.layers.put(added.values());
  }

  /**
   * Returns to the configs of the constructor. Inside {@link within}, to those of that call.
   *
   * @throws {ClosedError} `closed`: after `close()`
   */
  restore(): void {
    this.failIfClosed();
    this.layers.restore();
  }

  /**
   * Runs a function with other configs. Only the function, and what it starts, reads them, so concurrent calls do not
   * mix. Code outside of every call, such as a request over a socket, reads the configs of the active call. If several
   * are active, it reads the configs that they agree on; reading any other throws, and fails those calls.
   *
   * @param configs added to the current ones, or replacing those with the same key; copied
   * @param action the function; it may be async
   * @returns what the function returns
   * @throws {InvalidEnvelopeError} `invalid_envelope`: one of them is not a config
   * @throws {TestValueError} `test_value`: during the call, code outside read a key that active calls set differently
   */
  within<T>(configs: readonly Config[], action: () => T): T {
    return this.layers.within(copied(configs), action);
  }

  /**
   * Simulates a failure of the delivery: states, events, health and the errors of `refresh()`, `resume()` and `reconnect()`.
   * Reads continue.
   *
   * @param fault replaces an earlier one; `undefined` ends it
   */
  simulate(fault: SimulatedFault | undefined): void {
    this.delivery.simulate(fault);
  }

  /** Like that of the service, but an unknown key throws when the value is used: a test need not use all of them. */
  override live<Key extends KnownKey<Types>>(
    key: Key,
    contexts?: Contexts | null,
    defaultValue?: Types[Key],
  ): LiveValue<Types[Key]>;
  override live<T = unknown>(
    key: UntypedKey<Types>,
    contexts?: Contexts | null,
    defaultValue?: T,
  ): LiveValue<T>;
  override live(
    key: string,
    contexts?: Contexts | null,
    defaultValue?: unknown,
  ): LiveValue<unknown> {
    const untyped = key as UntypedKey<Types>;
    const read = () => this.get<unknown>(untyped, contexts, defaultValue);
    const values$ = defer(() => this.observe<unknown>(untyped, contexts, defaultValue));
    return liveValue(key, read, values$);
  }

  private failIfClosed(): void {
    if (this.layers.isClosed) throw new ClosedError();
  }
}

interface InMemoryParts extends QuonfigParts {
  readonly store: LayeredStore;
  readonly delivery: InMemoryDelivery;
}

function inMemoryParts(given: InMemoryOptions): InMemoryParts {
  const { environment = 'test', strict = false, allowUnknown = false, ...others } = given;
  const resolved = resolveOptions(
    {
      ...others,
      datafile: { meta: { version: '0' }, configs: [] },
      onUnknownKey: allowUnknown ? 'silent' : 'warn',
      enableQuonfigUserContext: false,
    },
    NO_ENVIRONMENT,
  );
  const options = { ...resolved, source: 'memory', datafile: undefined } as const;
  const warnOnce = oncePerMessage((message) => options.logger.warn(message));
  const callbacks = new CallbackRunner(options.logger);
  const host = evaluationHost(options, warnOnce);
  let version = 0;
  const store = new LayeredStore(
    (configs) => Snapshot.of(configs, { version: String(++version), environment }, host),
    isolatedBy(callbacks),
  );
  const delivery = new InMemoryDelivery(store, isolatedBy(callbacks));
  const strictness = { unknownKeys: strict && !allowUnknown, types: strict };
  const reads = new InMemoryReads(store, readSettings(options, warnOnce), strictness);
  const parts = createParts(options, { warnOnce, callbacks, store, delivery, reads });
  return { ...parts, store, delivery };
}

/** Copies configs as JSON would, by key. */
function copied(configs: readonly Config[]): Map<string, Config> {
  const byKey = new Map<string, Config>();
  for (const config of configs) {
    const problem = configProblem(config);
    if (problem !== undefined) throw new InvalidEnvelopeError('configs in memory', problem);
    byKey.set(config.key, JSON.parse(JSON.stringify(config)) as Config);
  }
  return byKey;
}
