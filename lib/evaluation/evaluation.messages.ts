export const patternUnusable = (key: string, place: string): string =>
  `Config "${key}", ${place}: the pattern is invalid or uses syntax without a linear-time form (backreferences, look-around), so its criterion never matches. Rewrite it in RE2 syntax.`;

export const hashPropertyMissing = (key: string, property: string): string =>
  `Config "${key}" splits by "${property}", which the context does not have: every such context gets the same variant. Pass the property, or split by another.`;

export const malformedDuration = (key: string): string =>
  `Config "${key}" has a malformed duration value: it is read as no value. Write it like PT1H30M.`;
