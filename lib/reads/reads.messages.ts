import { messageText } from '../errors/message-text.js';
import { didYouMean, quotedName } from '../errors/quoted-name.js';

/** @param reason why there is no value, and what to do */
export const noValueFound = (
  key: string,
  reason: string,
  returned: 'undefined' | 'false',
): string =>
  `No value found for key ${quotedName(key)}: ${reason} The read returns ${returned} because onNoDefault is "warn".`;

export const noConfigHasKey = (suggestion: string | undefined): string =>
  `no config has it.${didYouMean(suggestion)} Add the config, or pass a default to the getter.`;

export const noConfigsYet = (): string =>
  'the service is not initialized; no configs have been loaded yet. Pass a default, or wait until ready() is true.';

export const noRuleApplies = (environment: string): string =>
  `none of its rules supplies a value for these contexts in environment "${environment}". ${PASS_DEFAULT_OR}add a rule without criteria.`;

export const noRulesForEnvironment = (environment: string): string =>
  `it has no rules for environment "${environment}", and none of its default rules supplies a value for these contexts. ${PASS_DEFAULT_OR}add a rule for that environment.`;

export const noRules = (environment: string): string =>
  `it has neither rules for environment "${environment}" nor default rules. ${PASS_DEFAULT_OR}add a rule.`;

const PASS_DEFAULT_OR = 'Pass a default to the getter, or ';

export const notInitialized =
  'No configs have been loaded yet. Pass a default, or wait until ready() is true.';

export const keyUnknown = (key: string, suggestion: string | undefined): string =>
  `No config has the key ${quotedName(key)}, so there is no value.${didYouMean(suggestion)} Correct the key, or add the config.`;

export const unknownKeyRead = (key: string, suggestion: string | undefined): string =>
  `No config has the key ${quotedName(key)}, so reads of it return their default and isEnabled returns false.${didYouMean(suggestion)} Correct the key, or add the config; to accept unknown keys, set onUnknownKey to "silent".`;

export const furtherUnknownKeysOmitted =
  'A thousand unknown keys have been read since the last install; further ones are not logged. If keys come from user input, check them with rawConfig(key) first.';

export const notConvertible = (key: string, type: string): string =>
  `The value of config "${key}" is not a ${type} and cannot be converted to one. Correct the stored or provided value.`;

export const desiredLevelUnknown = (level: unknown): string =>
  `shouldLog was called with ${
    typeof level === 'string' || typeof level === 'number'
      ? `the unknown level "${level}"`
      : 'no level'
  }, so the message is logged. Use trace, debug, info, warn, error or fatal.`;

export const logSubjectMissing =
  'shouldLog needs either configKey or loggerPath. Pass exactly one of them.';

export const loggerKeyMissing =
  'shouldLog with a loggerPath needs the option loggerKey. Set it to the key of your log level config.';

export const observedReadFailed = (key: string, error: unknown): string =>
  `The observed config "${key}" has no usable value; observers keep the previous one. ${messageText(error)}`;
