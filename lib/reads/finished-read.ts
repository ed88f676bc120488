import { inspect, type InspectOptions } from 'node:util';
import {
  detailsOfMatch,
  errorDetails,
  type EvaluationDetails,
  failureDetails,
  type Outcome,
  reasonOfMatch,
  redactedText,
} from '../evaluation/index.js';
import { isEncrypted } from '../evaluation/compile-value.js';
import type { QuonfigRead } from '../interfaces/index.js';
import type { Contexts, ContextTier, NamedContexts, PropertyRecord } from '../model/index.js';
import { inspected } from '../model/inspected.js';
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

/** A read, as subscribers of `reads$` see it. JSON and `inspect` show no contexts, and the redaction of a secret value. */
export class FinishedRead implements QuonfigRead {
  // Private, so that inspection shows neither contexts nor secret values.
  readonly #input: ReadInput;
  readonly #result: ReadResult;
  #details: EvaluationDetails | undefined;
  #contexts: NamedContexts | undefined;

  constructor(input: ReadInput, result: ReadResult) {
    this.#input = input;
    this.#result = result;
    this.#details = result.details;
  }

  get key(): string {
    return this.#input.key;
  }

  get value(): unknown {
    return this.#result.value;
  }

  get version(): string {
    return this.#input.snapshot?.version ?? '';
  }

  get environment(): string {
    return this.#input.snapshot?.environment ?? '';
  }

  get isSecret(): boolean {
    const source = this.#result.outcome?.value.source;
    return source !== undefined && (source.confidential === true || isEncrypted(source));
  }

  get reason(): EvaluationDetails['reason'] {
    if (this.#details !== undefined) return this.#details.reason;
    const { outcome, error } = this.#result;
    if (error !== undefined) return 'ERROR';
    if (outcome !== undefined) return reasonOfMatch(outcome);
    const { key, snapshot } = this.#input;
    return snapshot?.find(key) === undefined ? 'ERROR' : 'DEFAULT';
  }

  get details(): EvaluationDetails {
    this.#details ??= detailsFor(this.#input, this.#result);
    return this.#details;
  }

  get contexts(): NamedContexts {
    this.#contexts ??= contextsOf(this.#input);
    return this.#contexts;
  }

  toJSON(): object {
    const { key, isSecret, version, environment } = this;
    const { reason, variant, errorCode } = this.details;
    const value = isSecret ? redactedText(this.#result.outcome!.value.source) : this.value;
    return { key, value, reason, variant, ...(errorCode && { errorCode }), version, environment };
  }

  [inspect.custom](depth: number | null, options: InspectOptions): string {
    return inspected(depth, options, this);
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

function contextsOf({ call, base }: ReadInput): NamedContexts {
  const entries: [string, PropertyRecord][] = [];
  eachContext(call ?? undefined, base, (name, properties) => entries.push([name, properties]));
  return Object.fromEntries(entries);
}
