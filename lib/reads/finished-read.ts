import {
  detailsOfMatch,
  errorDetails,
  type EvaluationDetails,
  failureDetails,
  type Outcome,
} from '../evaluation/index.js';
import { isEncrypted } from '../evaluation/compile-value.js';
import type { QuonfigRead } from '../interfaces/index.js';
import type { ContextProperties, Contexts, ContextTier } from '../model/index.js';
import type { Snapshot } from '../store/index.js';
import { eachContext } from '../telemetry/contexts/merged-contexts.js';
import { keyUnknown, notInitialized } from './reads.messages.js';

/** What was read, and with which contexts. */
export interface ReadInput {
  readonly key: string;
  readonly call: Contexts | null | undefined;
  readonly base: ContextTier | undefined;
  readonly snapshot: Snapshot | undefined;
}

/** How a read ended. */
export interface ReadResult {
  /** What the caller received; `undefined` if the read threw. */
  value: unknown;
  /** What matched; absent if nothing did. */
  outcome?: Outcome | undefined;
  /** The value of the outcome, before its conversion. */
  evaluated?: unknown;
  /** Why the evaluation failed. */
  error?: unknown;
  /** The details, where the read computed them. */
  details?: EvaluationDetails;
}

/** A read, as subscribers of `reads$` see it. */
export class FinishedRead implements QuonfigRead {
  private knownDetails: EvaluationDetails | undefined;
  private knownContexts: Contexts | undefined;

  constructor(
    private readonly input: ReadInput,
    private readonly result: ReadResult,
  ) {
    this.knownDetails = result.details;
  }

  get key(): string {
    return this.input.key;
  }

  get value(): unknown {
    return this.result.value;
  }

  get version(): string {
    return this.input.snapshot?.version ?? '';
  }

  get environment(): string {
    return this.input.snapshot?.environment ?? '';
  }

  get isSecret(): boolean {
    const source = this.result.outcome?.value.source;
    return source !== undefined && (source.confidential === true || isEncrypted(source));
  }

  get details(): EvaluationDetails {
    this.knownDetails ??= detailsFor(this.input, this.result);
    return this.knownDetails;
  }

  get contexts(): Contexts {
    this.knownContexts ??= contextsOf(this.input);
    return this.knownContexts;
  }
}

function detailsFor(
  { key, snapshot }: ReadInput,
  { outcome, evaluated, error }: ReadResult,
): EvaluationDetails {
  if (snapshot === undefined) return errorDetails('GENERAL', notInitialized);
  const config = snapshot.find(key);
  if (config === undefined) return errorDetails('FLAG_NOT_FOUND', keyUnknown(key, undefined));
  if (error !== undefined) return failureDetails(config.source, snapshot.environment, error);
  const match = (): Outcome | undefined => outcome;
  return detailsOfMatch(config.source, snapshot.environment, match, () => evaluated);
}

function contextsOf({ call, base }: ReadInput): Contexts {
  const entries: [string, ContextProperties][] = [];
  eachContext(call ?? undefined, base, (name, properties) => entries.push([name, properties]));
  return Object.fromEntries(entries);
}
