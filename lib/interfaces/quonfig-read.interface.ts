import type { EvaluationDetails } from '../evaluation/index.js';
import type { NamedContexts } from '../model/index.js';

/**
 * One read of a flag or config, as `reads$` emits it. `details` and `contexts` are computed when they are first accessed.
 *
 * @publicApi
 */
export interface QuonfigRead {
  /** Key of the flag or config. */
  readonly key: string;
  /** What the caller received: the value as its getter converts it, or the default. `undefined` if the read threw. */
  readonly value: unknown;
  /** The reason in `details`, without computing the rest of them. */
  readonly reason: EvaluationDetails['reason'];
  /** How the value came about: reason, variant and metadata, with the evaluated value before conversion. */
  readonly details: EvaluationDetails;
  /** Whether the value is confidential or was encrypted. Never show such a value. */
  readonly isSecret: boolean;
  /** Contexts of the read: per-call, bound, request and global ones, by name. */
  readonly contexts: Readonly<NamedContexts>;
  /** Version of the configs; `''` before the first load. */
  readonly version: string;
  /** Environment of the configs; `''` before the first load. */
  readonly environment: string;
}
