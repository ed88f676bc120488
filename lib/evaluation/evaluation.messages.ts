export const patternUnusable = (key: string, place: string): string =>
  `Config "${key}", ${place}: the pattern is invalid or uses syntax without a linear-time form (backreferences, look-around), so its criterion never matches. Rewrite it in RE2 syntax.`;

export const hashPropertyMissing = (key: string, property: string): string =>
  `Config "${key}" splits by "${property}", which is missing from the context, so all such contexts get the same variant. Pass the property, or split by another one.`;

export const malformedDuration = (key: string): string =>
  `Config "${key}" has a malformed duration and counts as having no value. Use the form PT1H30M.`;
