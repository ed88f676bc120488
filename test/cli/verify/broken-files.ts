import type { RuleId } from '../../../cli/verify/rules.js';

/** A file that breaks one rule of a workspace that is valid otherwise. */
export interface BrokenFile {
  readonly about: string;
  readonly rule: RuleId;
  readonly file: string;
  readonly content: string;
  /** What the line of the finding contains; absent for a file as a whole. */
  readonly at?: string;
  /** Part of the message. */
  readonly says?: string;
  /** Whether the JSON Schema of the document finds it too, so that editors underline it. */
  readonly bySchema: boolean;
  /** Files of the workspace that the mistake needs. */
  readonly beside?: Readonly<Record<string, string>>;
}

type Json = Record<string, unknown>;

const text = (document: unknown): string => JSON.stringify(document, null, 2);
const always = [{ operator: 'ALWAYS_TRUE' }];
const rule = (value: Json, criteria: Json[] = always): Json => ({ criteria, value });
const typed = (type: string, value: unknown): Json => ({ type, value });
const rules = (...list: Json[]): Json => ({ rules: list });

function config(valueType: string, value: unknown, more: Json = {}): Json {
  const defaults = rules(rule(typed(valueType, value)));
  return { key: 'subject', type: 'config', valueType, default: defaults, ...more };
}
const flag = (more: Json = {}): Json => ({
  ...config('bool', true),
  type: 'feature_flag',
  ...more,
});
const withCriterion = (criterion: Json): Json =>
  flag({ default: rules(rule(typed('bool', true), [criterion]), rule(typed('bool', false))) });
const weighted = (valueType: string, weights: unknown[], more: Json = {}): Json => {
  const weightedValues = weights.map((weight) => ({
    weight,
    value: typed(valueType, valueType === 'bool' ? true : 'a'),
  }));
  const value = typed('weighted_values', { weightedValues, hashByPropertyName: 'user.key' });
  return config(valueType, '', { default: rules(rule(value)), ...more });
};
const segment = (key: string, more: Json = {}): Json => ({
  ...config('bool', true),
  key,
  type: 'segment',
  ...more,
});
const inSegment = (key: string): Json => ({
  operator: 'IN_SEG',
  valueToMatch: typed('string', key),
});
const member = (key: string): Json => rules(rule(typed('bool', true), [inSegment(key)]));
const jsonSchema = {
  type: 'object',
  required: ['limit'],
  properties: { limit: { type: 'integer' } },
};

const inConfigs = 'configs/subject.json';
const inFlags = 'feature-flags/subject.json';
const inSegments = 'segments/subject.json';

interface Case extends Partial<BrokenFile> {
  readonly document?: unknown;
}

function broken(ruleId: RuleId, about: string, file: string, more: Case): BrokenFile {
  const { document, ...fields } = more;
  return { rule: ruleId, about, file, content: text(document), bySchema: false, ...fields };
}
const bySchema = (
  ruleId: RuleId,
  about: string,
  file: string,
  document: unknown,
  at: string,
  says?: string,
) =>
  broken(ruleId, about, file, {
    document,
    at,
    bySchema: true,
    ...(says !== undefined && { says }),
  });
const byCode = (
  ruleId: RuleId,
  about: string,
  file: string,
  document: unknown,
  at: string,
  says?: string,
) => broken(ruleId, about, file, { document, at, ...(says !== undefined && { says }) });
const key = (name: string): Json => ({ ...config('string', 'a'), key: name });

export const BROKEN_FILES: readonly BrokenFile[] = [
  // Files
  broken('invalid-json', 'a trailing comma', inConfigs, {
    content: '{\n  "key": "subject",\n}',
    at: '}',
  }),
  broken('invalid-json', 'an empty file', inConfigs, { content: '' }),
  broken('invalid-json', 'a comment', inConfigs, {
    content: '{\n  // comment\n  "key": "subject"\n}',
    at: '//',
  }),
  broken('document-structure', 'a list instead of an object', inConfigs, {
    content: '[]',
    at: '[]',
    bySchema: true,
  }),
  bySchema(
    'document-structure',
    'no key',
    inConfigs,
    { ...config('string', 'a'), key: undefined },
    '{',
    'The field "key" is missing.',
  ),
  bySchema(
    'document-structure',
    'no type',
    inConfigs,
    { ...config('string', 'a'), type: undefined },
    '{',
    '"type" is missing',
  ),
  bySchema(
    'document-structure',
    'no valueType',
    inConfigs,
    { ...config('string', 'a'), valueType: undefined },
    '{',
  ),
  bySchema(
    'document-structure',
    'no default',
    inConfigs,
    { ...config('string', 'a'), default: undefined },
    '{',
  ),
  bySchema(
    'document-structure',
    'an empty default',
    inConfigs,
    config('string', 'a', { default: rules() }),
    '[]',
    'at least one rule',
  ),
  bySchema(
    'document-structure',
    'a misspelled type',
    inConfigs,
    config('string', 'a', { type: 'confg' }),
    '"confg"',
    'Did you mean "config"?',
  ),
  bySchema(
    'document-structure',
    'a misspelled valueType',
    inConfigs,
    { ...config('string', 'a'), valueType: 'strng' },
    '"strng"',
    'Did you mean "string"?',
  ),
  bySchema(
    'document-structure',
    'a rule without a value',
    inFlags,
    flag({ default: rules({ criteria: always }) }),
    '{',
    '"value" is missing',
  ),
  bySchema(
    'document-structure',
    'a misspelled field of a rule',
    inFlags,
    flag({ default: rules({ critera: always, value: typed('bool', true) }) }),
    '"critera"',
    'Did you mean "criteria"?',
  ),
  bySchema(
    'document-structure',
    'a misspelled operator',
    inFlags,
    withCriterion({
      operator: 'PROP_IS_ONE_OFF',
      propertyName: 'user.plan',
      valueToMatch: typed('string_list', ['pro']),
    }),
    '"PROP_IS_ONE_OFF"',
    'Did you mean "PROP_IS_ONE_OF"?',
  ),
  bySchema(
    'document-structure',
    'a misspelled field of a criterion',
    inFlags,
    withCriterion({ operator: 'IS_PRESENT', propertyname: 'user.plan', propertyName: 'user.plan' }),
    '"propertyname"',
    'Did you mean "propertyName"?',
  ),
  bySchema(
    'document-structure',
    'a type of value that does not exist',
    inConfigs,
    { ...config('string', 'a'), default: rules(rule(typed('text', 'a'))) },
    '"text"',
  ),
  bySchema(
    'document-structure',
    'a value from an unknown source',
    inConfigs,
    {
      ...config('string', 'a'),
      default: rules(rule(typed('provided', { source: 'VAULT', lookup: 'A' }))),
    },
    '"VAULT"',
  ),
  bySchema(
    'document-structure',
    'a provided value without a variable',
    inConfigs,
    { ...config('string', 'a'), default: rules(rule(typed('provided', { source: 'ENV_VAR' }))) },
    '{',
    '"lookup" is missing',
  ),
  bySchema(
    'document-structure',
    'environments that are not a list',
    inConfigs,
    config('string', 'a', { environments: { production: {} } }),
    '{',
    'must be an array',
  ),
  bySchema(
    'document-structure',
    'an environment without rules',
    inConfigs,
    config('string', 'a', { environments: [{ id: 'production' }] }),
    '{',
    '"rules" is missing',
  ),
  bySchema(
    'document-structure',
    'an unknown access',
    inConfigs,
    config('string', 'a', { access: 'protected' }),
    '"protected"',
  ),
  bySchema(
    'document-structure',
    'tags that are not strings',
    inConfigs,
    config('string', 'a', { tags: [1] }),
    '1',
  ),
  byCode(
    'file-name',
    'another key than the name of the file',
    inConfigs,
    { ...config('string', 'a'), key: 'object' },
    '"object"',
    'subject.json',
  ),
  byCode(
    'directory',
    'a flag among configs',
    inConfigs,
    flag(),
    '"feature_flag"',
    'Move the file to feature-flags',
  ),
  broken('stray-entry', 'a hidden file', 'configs/.subject.json', { document: {} }),
  broken('stray-entry', 'another extension', 'configs/subject.yaml', { content: 'key: subject' }),
  broken('stray-entry', 'an extension in upper case', 'configs/subject.JSON', {
    document: config('string', 'a'),
    says: 'in lower case',
  }),
  broken('stray-entry', 'a subdirectory', 'configs/deep/subject.json', {
    document: config('string', 'a'),
    says: 'Move its files to configs',
  }),
  // Keys
  bySchema('key', 'a key with a space', 'configs/a b.json', key('a b'), '"a b"'),
  bySchema('key', 'a key with a colon', 'configs/a:b.json', key('a:b'), '"a:b"'),
  bySchema(
    'key',
    'a key of 201 characters',
    `configs/${'a'.repeat(201)}.json`,
    key('a'.repeat(201)),
    'aaa',
    '1 to 200 characters',
  ),
  bySchema(
    'key',
    'a key that ends with a dot',
    'configs/a..json',
    key('a.'),
    '"a."',
    'starts nor ends with a dot',
  ),
  bySchema('key', 'the reserved key', 'configs/new.json', key('new'), '"new"', 'reserved'),
  bySchema(
    'key',
    'the name of a Windows device',
    'configs/Com1.port.json',
    key('Com1.port'),
    '"Com1.port"',
    'Windows',
  ),
  bySchema(
    'key',
    'a log level without its prefix',
    'log-levels/app.json',
    { ...config('log_level', 'INFO'), key: 'app', type: 'log_level' },
    '"app"',
    'log-level.',
  ),
  broken('duplicate-key', 'a key that differs only in case', 'feature-flags/Subject.json', {
    document: { ...flag(), key: 'Subject' },
    at: '"Subject"',
    says: 'configs/subject.json',
    beside: { [inConfigs]: text(config('string', 'a')) },
  }),
  // Types
  bySchema(
    'type',
    'a segment of strings',
    inSegments,
    segment('subject', { valueType: 'string', default: rules(rule(typed('string', 'a'))) }),
    '"string"',
  ),
  bySchema(
    'type',
    'a segment that is sent to clients',
    inSegments,
    segment('subject', { sendToClientSdk: true }),
    'true',
  ),
  bySchema(
    'type',
    'a protected segment',
    inSegments,
    segment('subject', { access: 'protected-env' }),
    '"protected-env"',
  ),
  bySchema('type', 'a flag with sendToClientSdk', inFlags, flag({ sendToClientSdk: true }), 'true'),
  bySchema(
    'type',
    'a log level of strings',
    'log-levels/log-level.app.json',
    { ...config('string', 'INFO'), key: 'log-level.app', type: 'log_level' },
    '"string"',
  ),
  // Environments
  bySchema(
    'environment-id',
    'an environment with a capital letter',
    inConfigs,
    config('string', 'a', {
      environments: [{ id: 'Production', rules: [rule(typed('string', 'b'))] }],
    }),
    '"Production"',
  ),
  bySchema(
    'environment-id',
    'an environment named by a UUID',
    inConfigs,
    config('string', 'a', {
      environments: [
        { id: '6f9619ff-8b86-4011-b42d-00c04fc964ff', rules: [rule(typed('string', 'b'))] },
      ],
    }),
    '6f9619ff',
  ),
  byCode(
    'unknown-environment',
    'a misspelled environment',
    inConfigs,
    config('string', 'a', {
      environments: [{ id: 'prodution', rules: [rule(typed('string', 'b'))] }],
    }),
    '"prodution"',
    'Did you mean "production"?',
  ),
  byCode(
    'duplicate-environment',
    'two entries for one environment',
    inConfigs,
    config('string', 'a', {
      environments: ['b', 'c'].map((value) => ({
        id: 'production',
        rules: [rule(typed('string', value))],
      })),
    }),
    '"production"',
  ),
  // References
  byCode(
    'unknown-segment',
    'a misspelled segment',
    inFlags,
    withCriterion(inSegment('beta-user')),
    '"beta-user"',
    'Did you mean "beta-users"?',
  ),
  byCode(
    'unknown-key-config',
    'a missing key config',
    inConfigs,
    {
      ...config('string', 'a'),
      default: rules(
        rule({ ...typed('string', 'aa--bb--cc'), confidential: true, decryptWith: 'no.key' }),
      ),
    },
    '"no.key"',
  ),
  broken('unknown-schema', 'a misspelled schema', inConfigs, {
    document: config('json', { limit: 1 }, { schemaKey: 'limit' }),
    at: '"limit"',
    says: 'Did you mean "limits"?',
    beside: { 'schemas/limits.json': text(jsonSchema) },
  }),
  broken('schema-mismatch', 'JSON that breaks its schema', inConfigs, {
    document: config('json', { limit: 'ten' }, { schemaKey: 'limits' }),
    at: '"ten"',
    says: 'must be integer',
    beside: { 'schemas/limits.json': text(jsonSchema) },
  }),
  broken('invalid-schema', 'a schema with an unknown type', 'schemas/limits.json', {
    document: { type: 'objekt' },
    at: '{',
    says: 'does not compile',
  }),
  broken('invalid-schema', 'a schema with a reference to nothing', 'schemas/limits.json', {
    document: { $ref: '#/definitions/none' },
    at: '{',
  }),
  broken('invalid-schema', 'a schema of draft 04', 'schemas/limits.json', {
    document: { $schema: 'http://json-schema.org/draft-04/schema#' },
    at: '{',
    says: '2020-12',
  }),
  // Cycles
  broken('reference-cycle', 'two segments that refer to each other', inSegments, {
    document: segment('subject', { default: member('other') }),
    at: '"other"',
    says: 'other -> subject -> other',
    beside: { 'segments/other.json': text(segment('other', { default: member('subject') })) },
  }),
  byCode(
    'reference-cycle',
    'a key that decrypts itself',
    inConfigs,
    {
      ...config('string', 'a'),
      default: rules(
        rule({ ...typed('string', 'aa--bb--cc'), confidential: true, decryptWith: 'subject' }),
      ),
    },
    '"subject"',
  ),
  // Values
  byCode(
    'value-type',
    'a string in a bool flag',
    inFlags,
    flag({ default: rules(rule(typed('string', 'true'))) }),
    '"string"',
    '"valueType" is "bool"',
  ),
  bySchema(
    'value-type',
    'a bool in quotes',
    inFlags,
    flag({ default: rules(rule(typed('bool', 'true'))) }),
    '"true"',
  ),
  bySchema(
    'value-type',
    'a number in a list of strings',
    inConfigs,
    config('string_list', ['a', 1]),
    '1',
  ),
  byCode(
    'variant',
    'a value that is not among the variants',
    inConfigs,
    config('string', 'red', { variants: [{ value: typed('string', 'blue') }] }),
    '"red"',
  ),
  bySchema('number', 'an int that is not a string', inConfigs, config('int', 42), '42'),
  bySchema('number', 'an int with a leading zero', inConfigs, config('int', '042'), '"042"'),
  byCode(
    'number',
    'an int that is not safe',
    inConfigs,
    config('int', '9007199254740993'),
    '9007199254740993',
  ),
  bySchema('number', 'a double in hex', inConfigs, config('double', '0x10'), '"0x10"'),
  byCode('number', 'an infinite double', inConfigs, config('double', '1e999'), '"1e999"'),
  bySchema('duration', 'a duration in seconds', inConfigs, config('duration', '30s'), '"30s"'),
  byCode(
    'duration',
    'a duration of more than a century',
    inConfigs,
    config('duration', 'P36501D'),
    'P36501D',
  ),
  bySchema('stringified-json', 'JSON in a string', inConfigs, config('json', '{"a": 1}'), 'a'),
  // Weights
  bySchema(
    'weights',
    'no weights',
    inFlags,
    { ...weighted('bool', []), type: 'feature_flag' },
    '[]',
  ),
  bySchema(
    'weights',
    'a weight with a fraction',
    inFlags,
    { ...weighted('bool', [50_000.5]), type: 'feature_flag' },
    '50000.5',
  ),
  bySchema(
    'weights',
    'a weight above 100%',
    inFlags,
    { ...weighted('bool', [100_001]), type: 'feature_flag' },
    '100001',
  ),
  byCode(
    'weights',
    'weights that do not add up',
    inFlags,
    { ...weighted('bool', [60_000, 50_000]), type: 'feature_flag' },
    '[',
    'sum to 110000',
  ),
  byCode(
    'weights',
    'weighted strings without variants',
    inConfigs,
    weighted('string', [50_000, 50_000]),
    '"weighted_values"',
  ),
  // Criteria
  bySchema(
    'criterion',
    'a comparison without a property',
    inFlags,
    withCriterion({ operator: 'PROP_IS_ONE_OF', valueToMatch: typed('string_list', ['pro']) }),
    '{',
    'add "propertyName"',
  ),
  bySchema(
    'criterion',
    'a comparison without a value',
    inFlags,
    withCriterion({ operator: 'PROP_IS_ONE_OF', propertyName: 'user.plan' }),
    '{',
    'add "valueToMatch"',
  ),
  bySchema(
    'criterion',
    'a segment that is not named',
    inFlags,
    withCriterion({ operator: 'IN_SEG', valueToMatch: typed('string', '') }),
    '""',
  ),
  // Warnings
  broken('unknown-directory', 'a misspelled directory', 'feature_flag/subject.json', {
    document: flag(),
    says: 'Did you mean feature-flags?',
  }),
  byCode(
    'empty-rules',
    'an environment whose list of rules is empty',
    inConfigs,
    config('string', 'a', { environments: [{ id: 'production', rules: [] }] }),
    '[]',
  ),
  byCode(
    'integer-keys',
    'an object with integer-like keys',
    inConfigs,
    config('json', { b: 1, 2: 'two' }),
    '{',
  ),
  byCode(
    'unusable-match',
    'a list that is none',
    inFlags,
    withCriterion({
      operator: 'PROP_IS_ONE_OF',
      propertyName: 'user.plan',
      valueToMatch: typed('string', 'pro'),
    }),
    '{',
  ),
  byCode(
    'unusable-match',
    'a pattern that does not compile',
    inFlags,
    withCriterion({
      operator: 'PROP_MATCHES',
      propertyName: 'user.plan',
      valueToMatch: typed('string', '('),
    }),
    '{',
  ),
  byCode(
    'unreachable-rule',
    'a rule below one that always matches',
    inFlags,
    flag({
      default: rules(
        rule(typed('bool', true)),
        rule(typed('bool', false), [{ operator: 'IS_PRESENT', propertyName: 'user.key' }]),
      ),
    }),
    '{',
    'rule 1 above always matches',
  ),
  byCode(
    'unknown-field',
    'a misspelled field',
    inConfigs,
    config('string', 'a', { enviroments: [] }),
    '"enviroments"',
    'Did you mean "environments"?',
  ),
  broken('duplicate-property', 'a property that occurs twice', inConfigs, {
    content: text(config('string', 'a')).replace('"key"', '"valueType": "bool",\n  "key"'),
    at: '"valueType": "string"',
  }),
];

/** A workspace without findings, to which a broken file is added. */
export const VALID_FILES: Readonly<Record<string, string>> = {
  'quonfig.json': text({ environments: ['production', 'staging'], workspace: 'acme' }),
  'segments/beta-users.json': text({
    ...segment('beta-users'),
    default: rules(
      rule(typed('bool', true), [
        {
          operator: 'PROP_IS_ONE_OF',
          propertyName: 'user.plan',
          valueToMatch: typed('string_list', ['beta']),
        },
      ]),
    ),
  }),
  'feature-flags/valid.json': text({
    ...weighted('bool', [1, 1]),
    key: 'valid',
    type: 'feature_flag',
    environments: [
      { id: 'production', rules: [rule(typed('bool', true), [inSegment('beta-users')])] },
    ],
  }),
  'configs/valid.url.json': text({
    ...config('string', 'a'),
    key: 'valid.url',
    default: rules(
      rule({ ...typed('provided', { source: 'ENV_VAR', lookup: 'URL' }), confidential: true }),
    ),
  }),
  'log-levels/log-level.valid.json': text({
    ...config('log_level', 'INFO'),
    key: 'log-level.valid',
    type: 'log_level',
  }),
};
