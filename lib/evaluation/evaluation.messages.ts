/** A mistake in one part of a config. */
export const finding = (key: string, place: string, reason: string): string =>
  `Config "${key}", ${place}: ${reason}`;

/** A rule for people, who count from 1. Fields such as `ruleIndex` count from 0. */
export const rulePlace = (list: string, index: number): string => `${list} rule ${index + 1}`;

/** A part of a rule for people. */
export const partPlace = (rule: string, part: 'criterion' | 'variant', index: number): string =>
  `${rule}, ${part} ${index + 1}`;

export const patternUnusable = (problem: string): string =>
  `no engine runs the pattern, so the criterion never matches: ${problem}. Rewrite the pattern.`;

export const patternLimited = (engine: string, maxLength: number): string =>
  `the pattern runs on the ${engine} engine, which searches strings of up to ${maxLength} characters for it; longer strings match neither PROP_MATCHES nor PROP_DOES_NOT_MATCH. To raise the limit, see "Limits" in docs/patterns.md.`;

export const matchUnusable = (expected: string): string =>
  `the match value is not ${expected}, so the criterion never matches. Correct it.`;

export const matchNotList = (negated: boolean): string =>
  `the match value is not a list, so the criterion ${negated ? 'always' : 'never'} matches. Use a list of strings.`;

export const matchElementsUnusual =
  'an element of the match list is null, a list or an object; it is compared as a string. Use strings.';

export const valueNotList =
  'the value of type string_list is not a list, so reads return an empty list. Use a list of strings.';

export const listElementsUnusual =
  'an element of the string list is not a string, so reads convert it to one. Use strings.';

export const hashPropertyMissing = (key: string, property: string): string =>
  `Config "${key}" splits by "${property}", which is missing from the context, so all such contexts get the same variant. Pass the property, or split by another one.`;

export const malformedDuration = (key: string): string =>
  `Config "${key}" has a malformed duration and counts as having no value. Use the form PT1H30M.`;
