import type { EvaluationDetails } from '../evaluation/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import { DURATION } from './accepted-types.js';
import type { ConfigReads } from './config-reads.js';
import { toDuration } from './converters.js';
import { detailsRead } from './details-read.js';

/** Reads a duration as the string that is stored or provided. Never throws. */
export function durationStringRead(
  reads: ConfigReads,
  key: string,
  contexts: Contexts | null | undefined,
  base: ContextTier | undefined,
): EvaluationDetails<string> {
  return detailsRead(reads, key, contexts, base, DURATION, (value, name, outcome) => {
    toDuration(value, name); // Throws if the value is no duration.
    return outcome.value.string(contexts ?? undefined, base);
  });
}
