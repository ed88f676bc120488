import type { Envelope } from '../../../../lib/index.js';
import { config, envelope, rule, value, when } from '../../../support/configs.js';

const USERS = ['anna', 'ben', 'merged', 'bound', 'call', 'payer', 'job', 'device-1'];

/** An envelope whose config `owner` is the key of the user, if it is one of these or `u0` to `u9`, else `nobody`. */
export function rulesByUser(): Envelope {
  const keys = [...USERS, ...Array.from({ length: 10 }, (_, index) => `u${index}`)];
  const rules = keys.map((key) =>
    rule(value('string', key), when('PROP_IS_ONE_OF', 'user.key', [key])),
  );
  return envelope([config('owner', 'string', [...rules, rule(value('string', 'nobody'))])]);
}
