import {
  ErrorCode,
  type FlagMetadata,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk';
import type { ErrorCode as QuonfigErrorCode, EvaluationDetails } from '../index.js';
import { invalidContext, notReady } from './openfeature.messages.js';

const errorCodes: Readonly<Record<QuonfigErrorCode, ErrorCode>> = {
  FLAG_NOT_FOUND: ErrorCode.FLAG_NOT_FOUND,
  TYPE_MISMATCH: ErrorCode.TYPE_MISMATCH,
  GENERAL: ErrorCode.GENERAL,
};

/**
 * Returns the details of an evaluation in OpenFeature's form.
 *
 * @param fallback the caller's default, which is the value if there is none
 * @param common metadata of every evaluation
 */
export function resolutionOf<T>(
  details: EvaluationDetails<T>,
  fallback: T,
  common: FlagMetadata,
): ResolutionDetails<T> {
  const { value, reason, variant, errorCode, errorMessage } = details;
  const flagMetadata = { ...common, ...primitivesOf(details.flagMetadata) };
  if (reason === 'ERROR') {
    return {
      value: fallback,
      reason,
      flagMetadata,
      errorCode: errorCodes[errorCode ?? 'GENERAL'],
      ...(errorMessage !== undefined && { errorMessage }),
    };
  }
  return { value: value === undefined ? fallback : value, reason, variant, flagMetadata };
}

/** Returns the result of an evaluation before the first load. */
export function notReadyResolution<T>(fallback: T): ResolutionDetails<T> {
  return {
    value: fallback,
    reason: StandardResolutionReasons.ERROR,
    errorCode: ErrorCode.PROVIDER_NOT_READY,
    errorMessage: notReady,
  };
}

/** Returns the result of an evaluation whose context throws when it is read. */
export function invalidContextResolution<T>(fallback: T): ResolutionDetails<T> {
  return {
    value: fallback,
    reason: StandardResolutionReasons.ERROR,
    errorCode: ErrorCode.INVALID_CONTEXT,
    errorMessage: invalidContext,
  };
}

/** OpenFeature accepts no other values. */
function primitivesOf(metadata: object): FlagMetadata {
  const primitives: FlagMetadata = {};
  for (const [name, value] of Object.entries(metadata) as [string, unknown][]) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      primitives[name] = value;
    }
  }
  return primitives;
}
