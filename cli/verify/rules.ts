export type Severity = 'error' | 'warning';

export interface RuleRow {
  readonly severity: Severity;
  /** What the rule demands. */
  readonly about: string;
}

/** Every rule of `verify`. Errors are what Quonfig's own tools refuse. */
export const RULES = {
  'invalid-json': { severity: 'error', about: 'every file is JSON in UTF-8' },
  'document-structure': {
    severity: 'error',
    about: 'every document has the fields of its JSON Schema',
  },
  'file-name': { severity: 'error', about: 'a file is named after the key in it' },
  directory: { severity: 'error', about: 'a document is in the directory of its type' },
  'stray-entry': {
    severity: 'error',
    about: 'the directories contain only .json files: no subdirectories, hidden or other files',
  },
  key: { severity: 'error', about: 'keys are valid on every file system' },
  'duplicate-key': { severity: 'error', about: 'no two keys differ only in case' },
  type: {
    severity: 'error',
    about: 'segments are bool and never sent to clients, flags have no sendToClientSdk',
  },
  'environment-id': { severity: 'error', about: 'environment ids are lowercase slugs' },
  'unknown-environment': { severity: 'error', about: 'quonfig.json lists every environment' },
  'duplicate-environment': {
    severity: 'error',
    about: 'a document has at most one entry per environment',
  },
  'unknown-segment': { severity: 'error', about: 'segments that rules refer to exist' },
  'unknown-key-config': { severity: 'error', about: 'configs that decryptWith refers to exist' },
  'unknown-schema': { severity: 'error', about: 'schemas that schemaKey refers to exist' },
  'invalid-schema': {
    severity: 'error',
    about: 'schemas are JSON Schema, draft 2020-12 or 07, and compile',
  },
  'schema-mismatch': { severity: 'error', about: 'JSON values follow the schema of schemaKey' },
  'reference-cycle': {
    severity: 'error',
    about: 'segments, and keys of decryptWith, do not refer to each other in a cycle',
  },
  'value-type': { severity: 'error', about: 'values have the type that valueType declares' },
  variant: { severity: 'error', about: 'values are among the variants' },
  number: {
    severity: 'error',
    about: 'numbers are strings: int from -(2^53 - 1) to 2^53 - 1, double finite',
  },
  duration: {
    severity: 'error',
    about: 'durations are ISO 8601 up to P36500D, in days to seconds',
  },
  'stringified-json': { severity: 'error', about: 'JSON is stored as JSON, not inside a string' },
  weights: {
    severity: 'error',
    about: 'weights are 0 to 100000 and sum to 100000, or are all equal; variants are declared',
  },
  criterion: { severity: 'error', about: 'criteria have the fields that their operator needs' },
  'unknown-directory': { severity: 'warning', about: 'directories have names that are read' },
  'empty-rules': { severity: 'warning', about: 'environments have rules' },
  'integer-keys': {
    severity: 'warning',
    about: 'objects have no integer-like keys, which JavaScript moves to the front',
  },
  'unusable-match': { severity: 'warning', about: 'operators can use the value they compare with' },
  'unreachable-rule': { severity: 'warning', about: 'every rule can be reached' },
  'unknown-field': { severity: 'warning', about: 'fields are not misspelled' },
  'duplicate-property': { severity: 'warning', about: 'a property occurs once in an object' },
} as const satisfies Record<string, RuleRow>;

export type RuleId = keyof typeof RULES;
