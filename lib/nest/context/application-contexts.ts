import type { ModulesContainer } from '@nestjs/core';
import type { ExecutionCall } from './execution-call.js';
import type { RequestContexts } from './request-contexts.js';

const applications = new WeakMap<ModulesContainer, ApplicationContexts>();

/** The contexts of requests of all instances in one application. */
export class ApplicationContexts {
  /** Whether `enableQuonfigContext` was called. */
  enabled = false;
  /** Whether an instance has warned that it was not. */
  warned = false;
  private readonly instances: RequestContexts[] = [];
  private readonly entered = new WeakSet<object>();

  static of(modules: ModulesContainer): ApplicationContexts {
    const known = applications.get(modules) ?? new ApplicationContexts();
    applications.set(modules, known);
    return known;
  }

  add(requests: RequestContexts): void {
    this.instances.push(requests);
  }

  /** Returns whether this is the first call for a server, an adapter or the like. */
  isFirst(entry: object): boolean {
    if (this.entered.has(entry)) return false;
    this.entered.add(entry);
    return true;
  }

  /** Runs a handler, and what it returns, inside the scopes of one message. */
  enter(call: ExecutionCall, handler: () => unknown): unknown {
    let inside = handler;
    for (const requests of this.instances) {
      const next = inside;
      inside = () => requests.enterCall(call, next);
    }
    return inside();
  }

  /** Runs a handler inside the scopes of a connection, without waiting for an async factory. */
  enterConnection(call: ExecutionCall, handler: () => unknown): unknown {
    let inside = handler;
    for (const requests of this.instances) {
      const next = inside;
      inside = () => requests.enterConnection(call, next);
    }
    return inside();
  }
}
