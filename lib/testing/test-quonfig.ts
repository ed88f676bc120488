import {
  type Config,
  type ConfigKey,
  type Contexts,
  type InMemoryOptions,
  InMemoryQuonfig,
  type KnownKey,
  type QuonfigRead,
  QuonfigService,
  type QuonfigTypes,
  type SimulatedFault,
  type UntypedKey,
} from '../index.js';
import { configWithRules, type TestRule, type TestRules, withRuleInFront } from './test-rules.js';
import { configOf, type TestValue, type TestValues, typedValue } from './test-values.js';

/**
 * Options of a test service: those that the application reads with, and `allowUnknown`.
 *
 * @publicApi
 */
export type TestQuonfigOptions = Omit<InMemoryOptions, 'strict'>;

/**
 * One read of a flag or config during a test.
 *
 * @publicApi
 */
export interface TestRead {
  /** The key that was read. */
  key: string;
  /** What the caller received; `undefined` if the read threw. */
  value: unknown;
  /** Why: `STATIC`, `TARGETING_MATCH`, `SPLIT`, `DEFAULT` or `ERROR`. */
  reason: QuonfigRead['details']['reason'];
  /** The contexts that the read used. */
  contexts: Contexts;
}

/** Enough for any assertion, and bounded for tests that loop. */
const MAX_READS = 1_000;

/**
 * A `QuonfigService` for tests: the real evaluation over values that the test sets. Create it with `createTestQuonfig`.
 *
 * Reads of a key without a value throw `TestValueError`, which names the key and the closest known one, even with a
 * default, and also in details and guards, unless the option `allowUnknown` is set. So do reads whose value has another
 * type, where production would return a default, `false` or an error code.
 *
 * @typeParam Types key table of the instance; by default, that of the application
 * @publicApi
 */
export class TestQuonfig<Types = QuonfigTypes> extends InMemoryQuonfig<Types> {
  private recorded: TestRead[] = [];

  /** @internal Use `createTestQuonfig`. */
  constructor(configs: readonly Config[], options: TestQuonfigOptions = {}) {
    super(configs, { ...options, strict: true });
    this.reads$.subscribe((read) => {
      if (this.recorded.length === MAX_READS) this.recorded.shift();
      this.recorded.push(recordOf(read));
    });
  }

  /**
   * Sets the value of a key for everyone; its rules no longer apply. Handlers, live values and Observables are notified before it
   * returns. Inside {@link with}, the value lasts until the end of that call.
   *
   * @param key a new key or a known one
   * @param value of the same type as before
   * @throws {TestValueError} `test_value`: the value has another type than before, or is not valid
   * @example
   * ```ts
   * quonfig.set('checkout.new', false);
   * ```
   */
  set<Key extends KnownKey<Types>>(key: Key, value: TestValue<Types[Key]>): void;
  set(key: UntypedKey<Types>, value: TestValue): void;
  set(key: string, value: unknown): void {
    this.put([this.configFor(key, value)]);
  }

  /**
   * Adds a rule: whoever has these contexts reads another value. It takes precedence over earlier rules.
   *
   * @param contexts properties that must all be equal; a list matches a list with all of its elements
   * @param key a new key or a known one
   * @param value of the same type as before
   * @throws {TestValueError} `test_value`: the value has another type than before, or is not valid; or no read could
   *   match the contexts
   * @example
   * ```ts
   * quonfig.setFor({ user: { plan: 'pro' } }, 'search.limit', 100);
   * ```
   */
  setFor<Key extends KnownKey<Types>>(
    contexts: Contexts,
    key: Key,
    value: TestValue<Types[Key]>,
  ): void;
  setFor(contexts: Contexts, key: UntypedKey<Types>, value: TestValue): void;
  setFor(contexts: Contexts, key: string, value: unknown): void {
    this.put([withRuleInFront(key, this.configNamed(key), { when: contexts, value })]);
  }

  /**
   * Runs a function with other values, and restores the former ones afterwards, even if it throws. Concurrent calls do not
   * mix: each function, and what it starts, reads its own values. See {@link InMemoryQuonfig.within} for code outside of them.
   *
   * @param values of the same types as before
   * @param action the function; it may be async
   * @returns what the function returns
   * @throws {TestValueError} `test_value`: a value has another type than before, or is not valid; or code outside of
   *   active calls read a key that they set differently
   * @example
   * ```ts
   * await quonfig.with({ 'checkout.new': true }, () => request(server).get('/checkout').expect(200));
   * ```
   */
  with<T>(values: TestValues<Types>, action: () => T): T {
    const configs = Object.entries(values).map(([key, value]) => this.configFor(key, value));
    return this.within(configs, action);
  }

  /** Returns to the initial values, ends a simulated fault, and forgets the recorded reads. Call it after each test. */
  reset(): void {
    this.restore();
    this.recover();
    this.recorded = [];
  }

  /**
   * Returns the reads so far, at most the last 1000: getters, details, guards, parameters and live values.
   *
   * @param key only reads of this key. Default: of all keys
   * @example
   * ```ts
   * expect(quonfig.reads('search.limit')).toMatchObject([{ value: 100, contexts: { user: { plan: 'pro' } } }]);
   * ```
   */
  reads(key?: ConfigKey<Types>): TestRead[] {
    return this.recorded.filter((read) => key === undefined || read.key === key);
  }

  /**
   * Simulates a failure of the delivery, for the health page and the fallbacks of an application. `refresh()` rejects until
   * {@link recover} or {@link reset}; reads continue.
   *
   * @param fault `terminal`: the stream was refused. `disconnected`: the API is unreachable. `stale`: polls have failed for a day
   */
  fail(fault: SimulatedFault): void {
    this.simulate(fault);
  }

  /** Ends a simulated failure. */
  recover(): void {
    this.simulate(undefined);
  }

  private configFor(key: string, value: unknown): Config {
    const before = this.configNamed(key);
    const config = configOf(key, [{ value: typedValue(key, value, before?.valueType) }]);
    return before === undefined ? config : { ...config, type: before.type };
  }

  private configNamed(key: string): Config | undefined {
    return this.rawConfig(key as ConfigKey<Types>);
  }
}

/** Copies the contexts, because the application may change them later. */
function recordOf({ key, value, details, contexts }: QuonfigRead): TestRead {
  const copied = Object.entries(contexts).map(([name, properties]) => [name, { ...properties }]);
  return { key, value, reason: details.reason, contexts: Object.fromEntries(copied) as Contexts };
}

/**
 * Creates a service for tests from rules, to test targeting.
 *
 * @param rules the rules of each key, in order of precedence
 * @param options see {@link TestQuonfigOptions}. Default `{}`
 * @throws {TestValueError} `test_value`: a value or rule is not valid, or the values of a key have different types
 * @throws {InvalidOptionsError} `invalid_options`
 * @example
 * ```ts
 * const quonfig = createTestQuonfigFromRules({
 *   'search.limit': [{ when: { user: { plan: 'pro' } }, value: 100 }, { value: 20 }],
 * });
 * ```
 *
 * @publicApi
 */
export function createTestQuonfigFromRules<Types = QuonfigTypes>(
  rules: TestRules<Types>,
  options?: TestQuonfigOptions,
): TestQuonfig<Types> {
  const configs = Object.entries(rules).map(([key, list]) =>
    configWithRules(key, list as readonly TestRule[]),
  );
  return new TestQuonfig<Types>(configs, options);
}

/**
 * Creates a service for tests from a workspace directory, to test its rules as they are published.
 *
 * @param datadir the directory, relative to the working directory. It is read once
 * @param environment id of the environment whose rules apply
 * @param options see {@link TestQuonfigOptions}. Default `{}`
 * @throws {QuonfigError} what reading the directory throws: `invalid_workspace`, `invalid_environment`
 * @throws {InvalidOptionsError} `invalid_options`
 * @example
 * ```ts
 * const quonfig = await createTestQuonfigFromWorkspace('./workspace', 'production');
 * ```
 *
 * @publicApi
 */
export async function createTestQuonfigFromWorkspace<Types = QuonfigTypes>(
  datadir: string,
  environment: string,
  options: Omit<TestQuonfigOptions, 'environment'> = {},
): Promise<TestQuonfig<Types>> {
  const workspace = await QuonfigService.create({
    datadir,
    environment,
    enableQuonfigUserContext: false,
    collectEvaluationSummaries: false,
    contextUploadMode: 'none',
    ...(options.logger && { logger: options.logger }),
  });
  await workspace.close();
  const configs = workspace.keys().map((key) => workspace.rawConfig(key)!);
  return new TestQuonfig<Types>(configs, { ...options, environment });
}

/**
 * Creates a service for tests from values. It is ready at once; nothing needs closing.
 *
 * @param values the values to begin with. Default: none
 * @param options see {@link TestQuonfigOptions}. Default `{}`
 * @returns a real `QuonfigService`, for `overrideProvider(QuonfigService).useValue(quonfig)` or a constructor
 * @throws {TestValueError} `test_value`: a value is not valid
 * @throws {InvalidOptionsError} `invalid_options`
 * @example
 * ```ts
 * const quonfig = createTestQuonfig({ 'checkout.new': true, 'report.every': { duration: 'PT5M' } });
 * ```
 *
 * @publicApi
 */
export function createTestQuonfig<Types = QuonfigTypes>(
  values: TestValues<Types> = {} as TestValues<Types>,
  options?: TestQuonfigOptions,
): TestQuonfig<Types> {
  const configs = Object.entries(values).map(([key, value]) =>
    configOf(key, [{ value: typedValue(key, value) }]),
  );
  return new TestQuonfig<Types>(configs, options);
}
