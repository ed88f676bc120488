import { QuonfigService } from 'nestjs-quonfig';
import { readFile } from 'node:fs/promises';
import * as spec from '../src/flags.mjs';
import {
  always,
  bool,
  config,
  envelopeOf,
  logger,
  oneOf,
  plansFlag,
  rule,
  rulesFlag,
  text,
} from '../src/quonfig-configs.mjs';
import { MEMBERS } from '../src/workloads.mjs';

const split = {
  type: 'weighted_values',
  value: {
    hashByPropertyName: 'user.key',
    weightedValues: spec.SPLIT.map(({ value, weight }) => ({ weight, value: text(value) })),
  },
};

const configs = () => [
  config(spec.STATIC_FLAG, [always(bool(true))]),
  rulesFlag(spec.RULES_FLAG),
  config(spec.SPLIT_FLAG, [always(split)], 'feature_flag', 'string'),
  config(
    spec.SEGMENT,
    [rule(bool(true), oneOf('user.key', MEMBERS)), always(bool(false))],
    'segment',
  ),
  config(spec.SEGMENT_FLAG, [
    rule(bool(true), { operator: 'IN_SEG', valueToMatch: text(spec.SEGMENT) }),
    always(bool(false)),
  ]),
  ...spec.MANY_FLAGS.map((flag) =>
    'on' in flag ? config(flag.key, [always(bool(flag.on))]) : plansFlag(flag.key, flag.plans),
  ),
];

/**
 * @param {Partial<import('nestjs-quonfig').QuonfigModuleOptions>} [options]
 * @returns {Promise<import('../src/contender.mjs').Contender>}
 */
export async function open(options = {}) {
  const quonfig = await QuonfigService.create({
    datafile: envelopeOf(configs()),
    enableQuonfigUserContext: false,
    logger,
    ...options,
  });
  const { version } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return {
    version,
    splitsLikeLimit: true,
    bool: (key, context) => quonfig.get(key, context),
    string: (key, context) => quonfig.get(key, context),
    context: ({ key, email, plan, country, age }) => ({ user: { key, email, plan, country, age } }),
    close: () => quonfig.close(),
  };
}
