import type { Contexts, QuonfigService } from '../index.js';
import type { KeyIndex } from './key-index.js';
import { type ReadProperties, readProperties } from './read-properties.js';
import { RuleViews, type RuleView } from './rule-view.js';
import { shownOutcome } from './shown-outcome.js';
import type { ShownValue } from './shown-value.js';

/** Everything the page shows of one key. */
export interface KeyView extends ReadProperties {
  readonly key: string;
  readonly type: string;
  readonly valueType: string;
  readonly environment: string;
  readonly version: string;
  /** The environment that the config has rules for, if it is another one: they do not apply. */
  readonly otherEnvironment?: string;
  readonly olderThanFiles: boolean;
  /** Absent if there is no value. */
  readonly value?: ShownValue;
  readonly reason: string;
  readonly variant: string;
  readonly error?: string;
  /** Set if the context lacks the property to split by. */
  readonly hashPropertyMissing?: true;
  readonly rules: readonly RuleView[];
}

/** Explains a key; `undefined` if no config has it. */
export function viewKey(
  quonfig: QuonfigService,
  { decrypting }: KeyIndex,
  key: string,
  contexts: Contexts,
): KeyView | undefined {
  const config = quonfig.rawConfig(key);
  if (config === undefined) return undefined;
  const trace = quonfig.explain(key, contexts);
  const { environment, version, outcome, olderThanFiles = false } = trace;
  const { reason, variant, errorMessage, flagMetadata } = outcome;
  const value = shownOutcome(trace, config, decrypting);
  const id = config.environment?.id;
  return {
    key,
    type: config.type,
    valueType: config.valueType,
    environment,
    version,
    ...(id !== undefined && id !== environment && { otherEnvironment: id }),
    olderThanFiles,
    ...(value !== undefined && { value }),
    reason,
    variant,
    ...(errorMessage !== undefined && { error: errorMessage }),
    ...(flagMetadata.hashPropertyMissing && { hashPropertyMissing: true }),
    rules: new RuleViews(quonfig, decrypting).of(config, environment, trace.rules),
    ...readProperties(quonfig, key, contexts),
  };
}
