import {
  type AcceptedType,
  accepts,
  detailsOf,
  errorDetails,
  type EvaluationDetails,
  type Outcome,
} from '../evaluation/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import type { ConfigReads } from './config-reads.js';
import type { ReadResult } from './finished-read.js';
import { keyUnknown, notConvertible, notInitialized } from './reads.messages.js';

/** Like a `Converter`, with the outcome that the value comes from. */
export type DetailsConverter<T> = (value: unknown, key: string, outcome: Outcome) => T | undefined;

/** A type that a getter for details accepts, and how it converts a value. */
export interface ReadType<T> {
  readonly accepted: AcceptedType;
  readonly convert: DetailsConverter<T>;
}

/** Reads a key and returns how its value came about. Never throws. */
export function detailsRead<T>(
  reads: ConfigReads,
  key: string,
  contexts: Contexts | null | undefined,
  base: ContextTier | undefined,
  accepted: AcceptedType,
  convert: DetailsConverter<T>,
): EvaluationDetails<T> {
  const call = contexts ?? undefined;
  const result: ReadResult = { value: undefined };
  const details = evaluate(reads, key, call, base, { accepted, convert }, result);
  if (reads.isObserved) {
    reads.emit(key, call, base, { ...result, value: details.value, details });
  }
  return details;
}

function evaluate<T>(
  reads: ConfigReads,
  key: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
  { accepted, convert }: ReadType<T>,
  result: ReadResult,
): EvaluationDetails<T> {
  const snapshot = reads.store.current;
  if (snapshot === undefined) return errorDetails('GENERAL', notInitialized);
  const config = reads.find(key);
  if (config === undefined) {
    reads.unknownKeys.warnOnce(key);
    return errorDetails('FLAG_NOT_FOUND', keyUnknown(key, reads.unknownKeys.suggestionFor(key)));
  }
  if (accepts(accepted, config)) reads.recordContexts(call, base);
  const details = detailsOf(config, snapshot.environment, call, base, accepted, {
    matched: (outcome) => void (result.outcome = outcome),
    failed: (error) => void reads.countsAsNoValue(key, error),
  });
  const { outcome } = result;
  if (details.value === undefined || outcome === undefined) return details as EvaluationDetails<T>;
  const value = orUndefined(() => convert(details.value, key, outcome));
  if (value !== undefined) {
    reads.recordValue(outcome, details.value);
    return { ...details, value };
  }
  return errorDetails('TYPE_MISMATCH', notConvertible(key, accepted.name), details.flagMetadata);
}

function orUndefined<T>(convert: () => T | undefined): T | undefined {
  try {
    return convert();
  } catch {
    return undefined;
  }
}
