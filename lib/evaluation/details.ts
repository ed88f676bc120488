import { QuonfigError } from '../errors/index.js';
import type { Config, Contexts, ContextTier, ValueType } from '../model/index.js';
import type { CompiledConfig } from './compiled-config.js';
import { type Outcome, Reason } from './outcome.js';

/**
 * Why an evaluation returned no value, in OpenFeature's terms.
 *
 * @publicApi
 */
export type ErrorCode = 'GENERAL' | 'FLAG_NOT_FOUND' | 'TYPE_MISMATCH';

/**
 * Facts about the config and the rule behind an evaluation.
 *
 * @publicApi
 */
export interface FlagMetadata {
  /** Id of the config. */
  configId?: string;
  /** Upper case, e.g. `FEATURE_FLAG`. */
  configType?: string;
  /** The environment whose rules were evaluated. */
  environment?: string;
  /** Index of the rule in its list, environment or default, from 0; with reasons `TARGETING_MATCH` and `SPLIT`. */
  ruleIndex?: number;
  /** Index of the variant among the weighted values, from 0; with reason `SPLIT`. */
  weightedValueIndex?: number;
  /** Set if the context lacks the property to split by. */
  hashPropertyMissing?: true;
}

/**
 * A value with the reason for it.
 *
 * @publicApi
 */
export interface EvaluationDetails<T = unknown> {
  /** `undefined` with reasons `DEFAULT` and `ERROR`. */
  value: T | undefined;
  /** How the value came about, in OpenFeature's terms. */
  reason: 'STATIC' | 'TARGETING_MATCH' | 'SPLIT' | 'DEFAULT' | 'ERROR';
  /** `static`, `targeting:<ruleIndex>`, `split:<weightedValueIndex>` or `default`. */
  variant: string;
  /** Facts about the config and the matched rule. */
  flagMetadata: FlagMetadata;
  /** Present with reason `ERROR`. */
  errorCode?: ErrorCode;
  /** Present with reason `ERROR`; never contains a secret. */
  errorMessage?: string;
}

export function errorDetails(
  errorCode: ErrorCode,
  errorMessage: string,
  flagMetadata: FlagMetadata = {},
): EvaluationDetails<never> {
  return {
    value: undefined,
    reason: 'ERROR',
    variant: 'default',
    flagMetadata,
    errorCode,
    errorMessage,
  };
}

export interface AcceptedType {
  /** The type's name in messages. */
  readonly name: string;
  readonly valueTypes: readonly ValueType[];
}

/** Whether the config declares an accepted type. If not, it is not evaluated. */
export function accepts({ valueTypes }: AcceptedType, { source }: CompiledConfig): boolean {
  return valueTypes.includes(source.valueType);
}

export interface DetailsListener {
  /** The config matched. */
  matched(outcome: Outcome): void;
  /** The evaluation failed. */
  failed(error: unknown): void;
}

/** Evaluates a config and reports the outcome; never throws. */
export function detailsOf(
  config: CompiledConfig,
  environment: string,
  call: Contexts | undefined,
  base: ContextTier | undefined,
  accepted: AcceptedType,
  listener: DetailsListener,
): EvaluationDetails {
  const { key, valueType } = config.source;
  if (!accepts(accepted, config)) {
    const message = `Config "${key}" is declared as ${valueType}, not as ${accepted.name}.`;
    return errorDetails('TYPE_MISMATCH', message, metadataOf(config.source, environment));
  }
  const match = () => config.match(call, base);
  const resolve = (outcome: Outcome) => {
    listener.matched(outcome);
    return outcome.resolve(call, base);
  };
  return detailsOfMatch(config.source, environment, match, resolve, (error) =>
    listener.failed(error),
  );
}

/** Returns the details of a match and its resolved value. An error of either one becomes the error of the details. */
export function detailsOfMatch(
  source: Config,
  environment: string,
  match: () => Outcome | undefined,
  resolve: (outcome: Outcome) => unknown,
  failed?: (error: unknown) => void,
): EvaluationDetails {
  const metadata = metadataOf(source, environment);
  try {
    const outcome = match();
    if (outcome !== undefined) return detailsOfOutcome(outcome, resolve(outcome), metadata);
    return { value: undefined, reason: 'DEFAULT', variant: 'default', flagMetadata: metadata };
  } catch (error) {
    failed?.(error);
    return failureDetails(source, environment, error);
  }
}

/** Returns the details of an evaluation that failed. */
export function failureDetails(
  source: Config,
  environment: string,
  error: unknown,
): EvaluationDetails<never> {
  return errorDetails('GENERAL', messageOf(error), metadataOf(source, environment));
}

function metadataOf({ id, type }: Config, environment: string): FlagMetadata {
  return {
    ...(id !== undefined && { configId: id }),
    configType: type.toUpperCase(),
    ...(environment !== '' && { environment }),
  };
}

/** Returns the reason of the details of an outcome. */
export function reasonOfMatch({ reason }: Outcome): 'STATIC' | 'TARGETING_MATCH' | 'SPLIT' {
  switch (reason) {
    case Reason.SPLIT:
      return 'SPLIT';
    case Reason.STATIC:
      return 'STATIC';
    default:
      return 'TARGETING_MATCH';
  }
}

function detailsOfOutcome(
  outcome: Outcome,
  value: unknown,
  metadata: FlagMetadata,
): EvaluationDetails {
  const { ruleIndex, weightedValueIndex } = outcome;
  const reason = reasonOfMatch(outcome);
  switch (reason) {
    case 'SPLIT':
      return {
        value,
        reason,
        variant: `split:${weightedValueIndex}`,
        flagMetadata: {
          ...metadata,
          ruleIndex,
          ...(weightedValueIndex !== undefined && { weightedValueIndex }),
          ...(outcome.hashPropertyMissing && { hashPropertyMissing: true }),
        },
      };
    case 'STATIC':
      return { value, reason, variant: 'static', flagMetadata: metadata };
    case 'TARGETING_MATCH':
      return {
        value,
        reason,
        variant: `targeting:${ruleIndex}`,
        flagMetadata: { ...metadata, ruleIndex },
      };
  }
}

function messageOf(error: unknown): string {
  return error instanceof QuonfigError ? error.message : 'The evaluation failed.';
}
