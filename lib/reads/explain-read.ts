import { errorDetails, type EvaluationTrace, traceOf } from '../evaluation/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import type { ConfigReads } from './config-reads.js';
import { keyUnknown, notInitialized } from './reads.messages.js';

/** Traces the evaluation of a key. Never throws: a key that cannot be evaluated has a trace without rules. */
export function explainRead(
  reads: ConfigReads,
  key: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
): EvaluationTrace {
  const { rules, outcome, ...rest } = traceIn(reads, key, call, base);
  return { ...rest, ...(reads.store.outdated && { olderThanFiles: true }), rules, outcome };
}

function traceIn(
  { store, unknownKeys }: ConfigReads,
  key: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
): EvaluationTrace {
  const snapshot = store.current;
  const config = snapshot?.find(key);
  if (snapshot !== undefined && config !== undefined) return traceOf(config, snapshot, call, base);
  const outcome =
    snapshot === undefined
      ? errorDetails('GENERAL', notInitialized)
      : errorDetails('FLAG_NOT_FOUND', keyUnknown(key, unknownKeys.suggestionFor(key)));
  const { environment = '', version = '' } = snapshot ?? {};
  return { key, environment, version, rules: [], outcome };
}
