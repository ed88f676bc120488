import { config, constant, flagWhen, rule, split, value, when } from './configs.js';

/** The value of the config `secret`. */
export const SECRET = 'the-confidential-text';
/** The environment variable of the config `host`. */
export const ABSENT_VARIABLE = 'QUONFIG_TEST_ABSENT';

/** Configs whose reads end in different ways: constant, targeted, split, unmatched, confidential and unresolvable. */
export const variedConfigs = [
  constant('limit', 'int', 20),
  constant('word', 'string', 'many'),
  constant('pause', 'duration', 'PT2S'),
  constant('list', 'string_list', ['a', 'b']),
  constant('document', 'json', { nested: { deep: [1, null] } }),
  constant('level', 'log_level', 'WARN'),
  flagWhen('pro', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
  config('unmatched', 'string', [
    rule(value('string', 'x'), when('PROP_IS_ONE_OF', 'user.plan', ['none'])),
  ]),
  config('color', 'string', [
    rule(split([{ weight: 1, value: value('string', 'red') }], 'user.key')),
  ]),
  config('secret', 'string', [rule(value('string', SECRET, { confidential: true }))]),
  config('host', 'string', [
    rule(value('provided', { source: 'ENV_VAR', lookup: ABSENT_VARIABLE })),
  ]),
];
