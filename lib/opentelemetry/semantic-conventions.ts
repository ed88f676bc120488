// From the OpenTelemetry semantic conventions for feature flags, which may still change. They are copied, as those
// conventions advise, so that no version of another package decides about the names.

export const EVENT_FEATURE_FLAG_EVALUATION = 'feature_flag.evaluation';

export const ATTR_FEATURE_FLAG_KEY = 'feature_flag.key';
export const ATTR_FEATURE_FLAG_PROVIDER_NAME = 'feature_flag.provider.name';
export const ATTR_FEATURE_FLAG_RESULT_VARIANT = 'feature_flag.result.variant';
export const ATTR_FEATURE_FLAG_RESULT_VALUE = 'feature_flag.result.value';
export const ATTR_FEATURE_FLAG_RESULT_REASON = 'feature_flag.result.reason';
export const ATTR_FEATURE_FLAG_CONTEXT_ID = 'feature_flag.context.id';
export const ATTR_FEATURE_FLAG_SET_ID = 'feature_flag.set.id';
export const ATTR_FEATURE_FLAG_VERSION = 'feature_flag.version';
export const ATTR_FEATURE_FLAG_ERROR_MESSAGE = 'feature_flag.error.message';
export const ATTR_ERROR_TYPE = 'error.type';
/** For an error without a code. */
export const ERROR_TYPE_VALUE_OTHER = '_OTHER';
