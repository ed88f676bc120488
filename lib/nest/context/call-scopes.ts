import type { ExecutionContext } from '@nestjs/common';
import { executionCall } from './execution-call.js';
import type { RequestContexts } from './request-contexts.js';

/** What guards and parameters of one instance need besides its service. */
export class CallScopes {
  constructor(
    /** Absent without the option `context`. */
    private readonly requests: RequestContexts | undefined,
    /** Logs each message once per service. */
    readonly warnOnce: (message: string) => void,
  ) {}

  /** Runs a read with the contexts of its call, also where no entry point could enter them. Waits for an async factory. */
  within<T>(context: ExecutionContext, read: () => T): T | Promise<T> {
    // Of an HTTP request that an entry point has entered, the first argument is what its scope is found by.
    if (this.requests === undefined || this.requests.isIn(context.getArgByIndex(0))) return read();
    const call = executionCall(context);
    return this.requests.within(call.subject, () => call.source(), read);
  }
}
