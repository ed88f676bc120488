export const propertyMisspelled = (property: string, given: string): string =>
  `The rules read ${property}; --context has ${given} instead. Is one of them misspelled?`;

export const environmentWithoutRules = (environment: string, others: readonly string[]): string =>
  `The key has no rules of its own in ${environment}, only in ${others.join(', ')}; those do not apply here.`;
