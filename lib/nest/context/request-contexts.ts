import type { AmbientContexts } from '../../client/ambient-contexts.js';
import type { ContextFactory, ContextSource, SdkLogger } from '../../interfaces/index.js';
import type { Contexts, ContextTier } from '../../model/index.js';
import { ContextCalls, type ContextResult, isPromise, transportOf } from './context-calls.js';
import { contextLate, contextNowAsync } from './context.messages.js';
import { type ExecutionCall, isSameCall } from './execution-call.js';
import { lastingResult } from './lasting-result.js';
import { type ContextEvaluator, RequestScope } from './request-scope.js';

/** How long a request waits for an async function, in ms. */
const DEADLINE_MS = 10_000;

/** Makes the scopes of requests and runs requests inside them, for one service. */
export class RequestContexts implements ContextEvaluator {
  /** `undefined` until the factory has returned something for the first time. */
  private isAsync: boolean | undefined;
  private readonly scopes = new WeakMap<object, RequestScope>();
  private readonly calls: ContextCalls;

  constructor(
    factory: ContextFactory,
    private readonly ambient: AmbientContexts,
    logger: Pick<SdkLogger, 'warn'>,
  ) {
    this.calls = new ContextCalls(factory, logger);
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
    if (this.isIn(subject)) return next();
    const scope = this.scopes.get(subject) ?? new RequestScope(subject, source(), this);
    if (this.isAsync === false || scope.isSettled) return this.ambient.run(scope, next);
    return this.enterAsync(scope, next);
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
    if (known === undefined && this.isAsync !== false) this.settleLater(scope);
    return this.ambient.run(scope, handler);
  }

  /** Whether code runs in the scope of this request. */
  isIn(subject: unknown): boolean {
    const scope = this.currentScope;
    return scope !== undefined && scope.subject === subject;
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
    return this.enterAsync(scope, read);
  }

  evaluate(source: ContextSource): Contexts | undefined {
    const { contexts, pending } = this.calls.call(source);
    if (pending === undefined) {
      if (contexts !== undefined) this.isAsync ??= false;
      return contexts;
    }
    // A read cannot wait. Requests from now on do, before their guards.
    if (this.isAsync !== true) this.calls.report(contextNowAsync(transportOf(source)));
    this.isAsync = true;
    return undefined;
  }

  private get currentScope(): RequestScope | undefined {
    const { scope } = this.ambient;
    return scope instanceof RequestScope ? scope : undefined;
  }

  /** Calls a function that may be async before guards. What one that is not returns is of before authentication. */
  private probe(scope: RequestScope): ContextResult['pending'] {
    const { contexts, pending } = this.ambient.withoutContexts(() =>
      this.calls.probe(scope.source),
    );
    if (pending !== undefined) this.isAsync = true;
    // Once async, always: a function may return promises for some transports only.
    else if (contexts !== undefined) this.isAsync ??= false;
    return pending;
  }

  private settleLater(scope: RequestScope): void {
    const pending = this.probe(scope);
    if (pending === undefined) return;
    scope.settle(undefined);
    void pending.then((contexts) => scope.settle(contexts));
  }

  private enterAsync<T>(scope: RequestScope, next: () => T): T | Promise<T> {
    const pending = this.probe(scope);
    if (pending === undefined) return this.ambient.run(scope, next);
    const settled = pending.then((contexts) => scope.settle(contexts));
    const late = (): void => {
      this.calls.report(contextLate(transportOf(scope.source), DEADLINE_MS));
      scope.settle(undefined);
    };
    return inTime(settled, late).then(() => this.ambient.run(scope, next));
  }
}

/** Waits for work, but no longer than until the deadline. */
async function inTime(work: Promise<void>, late: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DEADLINE_MS).unref();
  });
  const isLate = await Promise.race([work.then(() => false), deadline.then(() => true)]);
  clearTimeout(timer);
  if (isLate) late();
}

function isAsyncFunction(factory: ContextFactory): boolean {
  return Object.prototype.toString.call(factory) === '[object AsyncFunction]';
}
