/** A mistake in one part of a config. */
export const finding = (key: string, place: string, reason: string): string =>
  `Config "${key}", ${place}: ${reason}`;

export const patternUnusable =
  'the pattern is invalid or uses syntax without a linear-time form (backreferences, look-around), so its criterion never matches. Rewrite it in RE2 syntax.';

export const matchUnusable = (expected: string): string =>
  `the match value is not ${expected}, so the criterion never matches. Correct it.`;

export const matchNotList = (negated: boolean): string =>
  `the match value is not a list, so the criterion ${negated ? 'always' : 'never'} matches. Use a list of strings.`;

export const matchElementsUnusual =
  'an element of the match list is null, a list or an object; it is compared as text. Use strings.';

export const valueNotList =
  'the value of type string_list is not a list, so reads return an empty list. Use a list of strings.';

export const listElementsUnusual =
  'an element of the string list is not a string, so reads return it as text. Use strings.';

export const hashPropertyMissing = (key: string, property: string): string =>
  `Config "${key}" splits by "${property}", which is missing from the context, so all such contexts get the same variant. Pass the property, or split by another one.`;

export const malformedDuration = (key: string): string =>
  `Config "${key}" has a malformed duration and counts as having no value. Use the form PT1H30M.`;
