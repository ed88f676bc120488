import { errorDetails, type EvaluationTrace, traceOf } from '../evaluation/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import type { ConfigStore, Snapshot } from '../store/index.js';
import { keyUnknown, notInitialized } from './reads.messages.js';

/** Traces the evaluation of a key. Never throws: a key that cannot be evaluated has a trace without rules. */
export function explainRead(
  { current, outdated }: ConfigStore,
  key: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
): EvaluationTrace {
  const { rules, outcome, ...rest } = traceIn(current, key, call, base);
  return { ...rest, ...(outdated && { olderThanFiles: true }), rules, outcome };
}

function traceIn(
  snapshot: Snapshot | undefined,
  key: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
): EvaluationTrace {
  const config = snapshot?.find(key);
  if (snapshot !== undefined && config !== undefined) return traceOf(config, snapshot, call, base);
  const outcome =
    snapshot === undefined
      ? errorDetails('GENERAL', notInitialized)
      : errorDetails('FLAG_NOT_FOUND', keyUnknown(key));
  const { environment = '', version = '' } = snapshot ?? {};
  return { key, environment, version, rules: [], outcome };
}
