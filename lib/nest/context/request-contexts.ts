import type { AmbientContexts } from '../../client/ambient-contexts.js';
import type { ContextFactory, ContextSource, SdkLogger } from '../../interfaces/index.js';
import type { Contexts, ContextTier } from '../../model/index.js';
import { contextFailed, contextInvalid, contextNowAsync } from './context.messages.js';
import { type ExecutionCall, isSameCall } from './execution-call.js';
import { lastingResult } from './lasting-result.js';
import { type ContextEvaluator, RequestScope } from './request-scope.js';

/** How often a failing factory is reported, in ms. */
const REPORT_INTERVAL_MS = 60_000;

/** Makes the scopes of requests and runs requests inside them, for one service. */
export class RequestContexts implements ContextEvaluator {
  /** `undefined` until the factory has returned something for the first time. */
  private isAsync: boolean | undefined;
  private readonly scopes = new WeakMap<object, RequestScope>();
  private reportedAt = -Infinity;
  private unreported = 0;

  constructor(
    private readonly factory: ContextFactory,
    private readonly ambient: AmbientContexts,
    private readonly logger: Pick<SdkLogger, 'warn'>,
  ) {
    if (isAsyncFunction(factory)) this.isAsync = true;
  }

  get outermost(): ContextTier | undefined {
    return this.ambient.outermost;
  }

  tierOf(contexts: Contexts | undefined): ContextTier | undefined {
    return this.ambient.tierOf(contexts, this.ambient.outermost);
  }

  /**
   * Runs the rest of a request inside its scope, after an async factory has settled. A request that already runs in its
   * scope continues there.
   *
   * @param subject identifies the request: every entry point of one request passes the same object
   */
  enter<T>(subject: object, source: () => ContextSource, next: () => T): T | Promise<T> {
    if (this.currentScope?.subject === subject) return next();
    const scope = this.scopes.get(subject) ?? new RequestScope(subject, source(), this);
    if (this.isAsync === false || scope.isSettled) return this.ambient.run(scope, next);
    return this.enterAsync(scope, source(), next);
  }

  /** Like `enter`, for handlers whose result may go on after they have returned. */
  enterCall(call: ExecutionCall, handler: () => unknown): unknown {
    return this.enter(
      call.subject,
      () => call.source(),
      () => {
        const { scope } = this.ambient;
        const result = handler();
        if (scope === undefined) return result;
        const run = <T>(action: () => T): T => this.ambient.run(scope, action);
        if (!isPromise(result)) return lastingResult(result, run);
        return result.then((settled) => lastingResult(settled, run));
      },
    );
  }

  /**
   * Runs a part of a connection's life inside its scope. It cannot wait for an async factory, because messages would be
   * lost: its contexts apply as soon as it has settled.
   */
  enterConnection(connection: ExecutionCall, handler: () => unknown): unknown {
    const source = (): ContextSource => connection.source();
    const known = this.scopes.get(connection.subject);
    const scope = known ?? this.scopeOf(connection.subject, source);
    if (known === undefined && this.isAsync !== false) this.settleLater(scope, source());
    return this.ambient.run(scope, handler);
  }

  /** The scope of a request, also where no entry point could enter it. */
  scopeOf(subject: object, source: () => ContextSource): RequestScope {
    const current = this.currentScope;
    if (current !== undefined && isSameCall(current.subject, subject)) return current;
    const known = this.scopes.get(subject);
    if (known !== undefined) return known;
    const scope = new RequestScope(subject, source(), this);
    this.scopes.set(subject, scope);
    return scope;
  }

  /**
   * Runs a read of a guard or parameter with the contexts of its call, which an entry point may not have entered. Contexts
   * that the application entered itself stay.
   */
  within<T>(subject: object, source: () => ContextSource, read: () => T): T | Promise<T> {
    const { scope: entered } = this.ambient;
    if (entered !== undefined && !(entered instanceof RequestScope)) return read();
    const scope = this.scopeOf(subject, source);
    if (scope === entered) return read();
    if (this.isAsync === false || scope.isSettled) return this.ambient.run(scope, read);
    return this.enterAsync(scope, source(), read);
  }

  evaluate(source: ContextSource): Contexts | undefined {
    const result = this.call(source);
    if (!isPromise(result)) return result;
    // A read cannot wait. Requests from now on do, before their guards.
    result.then(undefined, () => undefined);
    if (this.isAsync !== true) this.report(contextNowAsync(source.type));
    this.isAsync = true;
    return undefined;
  }

  private get currentScope(): RequestScope | undefined {
    const { scope } = this.ambient;
    return scope instanceof RequestScope ? scope : undefined;
  }

  private settleLater(scope: RequestScope, source: ContextSource): void {
    const result = this.call(source);
    if (!isPromise(result)) {
      if (result !== undefined) this.isAsync = false;
      return;
    }
    this.isAsync = true;
    scope.settle(undefined);
    void this.settled(result, source).then((contexts) => scope.settle(contexts));
  }

  private enterAsync<T>(scope: RequestScope, source: ContextSource, next: () => T): T | Promise<T> {
    const result = this.call(source);
    if (!isPromise(result)) {
      // Not kept: it is of before authentication.
      if (result !== undefined) this.isAsync = false;
      return this.ambient.run(scope, next);
    }
    this.isAsync = true;
    return this.settled(result, source).then((contexts) => {
      scope.settle(contexts);
      return this.ambient.run(scope, next);
    });
  }

  private async settled(
    result: PromiseLike<Contexts | undefined>,
    source: ContextSource,
  ): Promise<Contexts | undefined> {
    try {
      return this.checked(await result, source);
    } catch (error) {
      this.report(contextFailed(source.type, error));
      return undefined;
    }
  }

  private call(source: ContextSource): Contexts | undefined | PromiseLike<Contexts | undefined> {
    try {
      const result = this.factory(source);
      return isPromise(result) ? result : this.checked(result, source);
    } catch (error) {
      this.report(contextFailed(source.type, error));
      return undefined;
    }
  }

  private checked(result: unknown, source: ContextSource): Contexts | undefined {
    if (typeof result === 'object' && result !== null) return result as Contexts;
    if (result !== undefined && result !== null) this.report(contextInvalid(source.type));
    return undefined;
  }

  /** Once a minute, with the number of those in between. */
  private report(message: string): void {
    const now = performance.now();
    if (now - this.reportedAt < REPORT_INTERVAL_MS) {
      this.unreported++;
      return;
    }
    const more = this.unreported === 0 ? '' : ` (${this.unreported} more since the last warning)`;
    this.reportedAt = now;
    this.unreported = 0;
    this.logger.warn(message + more);
  }
}

function isAsyncFunction(factory: ContextFactory): boolean {
  return Object.prototype.toString.call(factory) === '[object AsyncFunction]';
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
