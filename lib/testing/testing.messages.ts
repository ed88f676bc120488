export const noValueGiven = 'it is undefined. Give it a value, or leave the key out';

export const notJson =
  'its value is neither a boolean, a number, a string nor JSON. Give it a value that JSON can represent';

export const badDuration = 'its duration is malformed. Write it like { duration: "PT5M" }';

export const badLevel =
  'its level is unknown. Use { logLevel: "trace" }, "debug", "info", "warn", "error" or "fatal"';

export const otherType = (declared: string, given: string): string =>
  `its type is ${declared}, and the value is ${given}. Give it a value of its type, or set a value of the other type in createTestQuonfig`;

export const noRulesGiven =
  'its rules are not a list with at least one rule. Write them like [{ when: …, value: … }, { value: … }]';

export const contextNotObject = (name: string): string =>
  `the context "${name}" of its rule is not an object. Write it like { user: { plan: "pro" } }`;

export const contextWithDot = (name: string): string =>
  `its rule names the context "${name}", and rules read everything after the first dot as a property. Use a name without a dot`;

export const propertyNotComparable = (property: string): string =>
  `the property "${property}" of its rule cannot be compared: rules compare strings, numbers, booleans, dates and lists of them. Name a property like { user: { plan: "pro" } }`;
