import { AmbientScope } from '../../client/ambient-contexts.js';
import type { ContextSource } from '../../interfaces/index.js';
import type { Contexts, ContextTier } from '../../model/index.js';

/** What makes the contexts of requests, for one service. */
export interface ContextEvaluator {
  /** Global and developer context. */
  readonly outermost: ContextTier | undefined;
  /** Copies contexts to a tier over those. */
  tierOf(contexts: Contexts | undefined): ContextTier | undefined;
  /** Calls the option `context`. Never throws. */
  evaluate(source: ContextSource): Contexts | undefined;
}

/**
 * The contexts of one request, made at its first read. They are kept while `request.user` stays the same object and one of
 * them has a `key`: a read before authentication must not make the rest of the request anonymous.
 */
export class RequestScope extends AmbientScope {
  private own: ContextTier | undefined;
  private user: unknown;
  private kept = false;
  private evaluating = false;

  constructor(
    /** The request, message or connection, which scopes are found by. */
    readonly subject: object,
    /** What the option `context` gets to know. */
    readonly source: ContextSource,
    private readonly evaluator: ContextEvaluator,
  ) {
    super();
  }

  /** Uses these contexts for the rest of the request, for an async factory. */
  settle(contexts: Contexts | undefined): void {
    this.own = this.evaluator.tierOf(contexts);
    this.user = SETTLED;
    this.kept = true;
  }

  /** Whether an async factory has settled. */
  get isSettled(): boolean {
    return this.user === SETTLED;
  }

  protected get base(): ContextTier | undefined {
    if (this.kept && (this.isSettled || this.user === userOf(this.subject))) return this.own;
    return this.evaluate();
  }

  private evaluate(): ContextTier | undefined {
    const { evaluator } = this;
    // The factory itself may read a config.
    if (this.evaluating) return evaluator.outermost;
    this.evaluating = true;
    try {
      this.user = userOf(this.subject);
      const contexts = evaluator.evaluate(this.source);
      this.kept = hasKey(contexts);
      this.own = evaluator.tierOf(contexts);
    } finally {
      this.evaluating = false;
    }
    return this.own;
  }
}

interface UserHolder {
  readonly user?: unknown;
  /** Of a socket.io client, its place for such properties. */
  readonly data?: { readonly user?: unknown };
}

const SETTLED = Symbol('settled');

/** Where authentication guards put whoever they recognize: on the request, or on the client of a gateway. */
function userOf(subject: object): unknown {
  const holder = (Array.isArray(subject) ? subject[0] : subject) as UserHolder | null | undefined;
  try {
    return holder?.user ?? holder?.data?.user;
  } catch {
    return undefined;
  }
}

function hasKey(contexts: Contexts | undefined): boolean {
  if (contexts === undefined) return false;
  try {
    return Object.values(contexts).some((context) => {
      const key = (context as { key?: unknown } | null | undefined)?.key;
      return key !== undefined && key !== null && key !== '';
    });
  } catch {
    return false;
  }
}
