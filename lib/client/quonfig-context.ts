import { QuonfigError } from '../errors/index.js';
import {
  type Contexts,
  type ContextTier,
  contextTier,
  type NamedContexts,
} from '../model/index.js';
import { type AmbientContexts, FixedScope } from './ambient-contexts.js';
import { noScope } from './client.messages.js';

/**
 * The contexts of the current request, message or job. Reads of the service use them; they rank between bound contexts
 * and `globalContext`.
 *
 * @publicApi
 */
export class QuonfigContext {
  /** @internal Inject it. */
  constructor(private readonly ambient: AmbientContexts) {}

  /**
   * Runs a function with contexts, for jobs, schedules, queues, event handlers and scripts. Everything that the function
   * starts reads with them, timers and promises included. Inside a request or another `run`, a context replaces the outer
   * one of its name.
   *
   * @param contexts copied, so later changes have no effect
   * @param action the function; it may be async
   * @returns what the function returns
   * @example
   * ```ts
   * await context.run({ user: { key: job.data.userId } }, () => this.sendReport(job));
   * ```
   */
  run<T>(contexts: Contexts, action: () => T): T {
    const { ambient } = this;
    const tier = ambient.tierOf(contexts, ambient.active ? ambient.tier : ambient.outermost);
    return ambient.run(new FixedScope(tier), action);
  }

  /**
   * Runs a function without the contexts and overrides of the current request or `run`: for work that a request only happens
   * to start, such as filling a cache. Everything that the function starts reads with the global contexts alone.
   *
   * @param action called once, immediately; may be async
   * @returns what the function returns
   * @throws whatever the function throws
   * @example
   * ```ts
   * const limits = context.outside(() => this.quonfig.getJSON('cart.limits'));
   * ```
   */
  outside<T>(action: () => T): T {
    return this.ambient.outside(action);
  }

  /**
   * Returns the contexts of the current request or `run`, without bound and global ones; `undefined` outside of any.
   *
   * @returns a copy
   */
  current(): NamedContexts | undefined {
    const { scope, outermost } = this.ambient;
    if (scope === undefined) return undefined;
    const contexts: NamedContexts = {};
    for (let tier = scope.tier; tier !== undefined && tier !== outermost; tier = tier.outer) {
      for (const [name, properties] of Object.entries(copyOf(tier))) contexts[name] ??= properties;
    }
    return contexts;
  }

  /**
   * Adds contexts for the rest of the current request or `run`, for example after a guard has loaded the user's plan. A
   * context replaces the one of its name.
   *
   * @param contexts copied, so later changes have no effect
   * @throws {QuonfigError} `no_request_context`: outside of any request and `run`
   * @example
   * ```ts
   * context.merge({ account: { key: account.id, plan: account.plan } });
   * ```
   */
  merge(contexts: Contexts): void {
    const { ambient } = this;
    const { scope } = ambient;
    if (scope === undefined) throw new QuonfigError('no_request_context', noScope());
    scope.merge(ambient.tierOf(contexts));
  }
}

function copyOf(tier: ContextTier): NamedContexts {
  return contextTier(tier.contexts)?.contexts ?? {};
}
