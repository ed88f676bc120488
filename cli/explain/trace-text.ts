import type {
  Config,
  CriterionTrace,
  EvaluationTrace,
  RuleTrace,
  WeightTrace,
} from 'nestjs-quonfig';
import { isJsonObject } from '../workspace/document-parts.js';
import { harmless, type Style } from '../style.js';

const MAX_VALUE = 120;

/**
 * Returns a trace for people: the rules that were tried, from top to bottom, and the outcome.
 *
 * @param config what was evaluated; `undefined` for an unknown key
 */
export function traceText(
  { key, environment, rules, outcome }: EvaluationTrace,
  config: Config | undefined,
  style: Style,
): string {
  const { reason, errorCode, errorMessage, variant, value } = outcome;
  const lines = [`${style.bold(harmless(key))} in ${harmless(environment)}`, ''];
  for (const rule of rules) {
    lines.push(...ruleLines(rule, style, '', weightsOf(config, rule)));
  }
  const later = ruleCount(config) - rules.length;
  if (rules.at(-1)?.matched && later > 0) {
    lines.push(
      style.dim(
        later === 1 ? '  1 later rule is not tried' : `  ${later} later rules are not tried`,
      ),
    );
  }
  if (rules.length === 0 && errorCode === undefined) lines.push(style.dim('no rules'));
  if (errorCode !== undefined) {
    lines.push('', `${style.red(errorCode)}  ${harmless(errorMessage ?? '')}`);
  } else if (reason === 'DEFAULT') {
    lines.push('', style.yellow('No rule matched, so reads return their default.'));
  } else {
    lines.push('', `${style.bold('value')}   ${style.green(shown(value))}`);
  }
  // The name of a variant is also in telemetry, so it stays as it is.
  const counts = /\d/.test(variant) ? ', which counts from 0' : '';
  lines.push(`${style.bold('reason')}  ${reason} ${style.dim(`(${variant}${counts})`)}`);
  return lines.join('\n');
}

function ruleLines(
  { list, ruleIndex, matched, criteria, weight }: RuleTrace,
  style: Style,
  indent: string,
  weights: readonly number[] = [],
): string[] {
  const mark = matched ? style.green('✓') : style.dim('✗');
  const title = `${list} rule ${ruleIndex + 1}`;
  const lines = [
    `${indent}${mark} ${matched ? style.bold(title) : title}${matched ? ' matched' : ''}`,
  ];
  if (criteria.length === 0) lines.push(`${indent}    ${style.dim('no criteria: always matches')}`);
  for (const criterion of criteria)
    lines.push(...criterionLines(criterion, style, `${indent}    `));
  if (weight !== undefined) lines.push(`${indent}    ${weightText(weight, weights)}`);
  return lines;
}

function criterionLines(trace: CriterionTrace, style: Style, indent: string): string[] {
  const { operator, propertyName, valueToMatch, seen, result, reason, segment } = trace;
  const mark = result ? style.green('✓') : style.red('✗');
  const condition = [
    propertyName === undefined ? [] : [style.cyan(harmless(propertyName))],
    [harmless(operator)],
    valueToMatch === undefined ? [] : [shown(valueToMatch)],
  ].flat();
  const found = seen === undefined ? '' : ` ${style.dim('saw')} ${shown(seen)}`;
  const lines = [
    `${indent}${mark} ${condition.join(' ')}${found} ${style.dim(`- ${harmless(reason)}`)}`,
  ];
  for (const rule of segment?.rules ?? []) {
    const inner = ruleLines(rule, style, `${indent}    `);
    inner[0] = inner[0]!.replace('default rule', `${harmless(segment!.key)} rule`);
    lines.push(...inner);
  }
  return lines;
}

function ruleCount(config: Config | undefined): number {
  const lists = [config?.environment, config?.default];
  return lists.reduce((count, list) => count + (list?.rules?.length ?? 0), 0);
}

/** The weights among which a rule picks; empty if they are not numbers. */
function weightsOf(config: Config | undefined, { list, ruleIndex }: RuleTrace): number[] {
  const value = config?.[list]?.rules?.[ruleIndex]?.value?.value;
  const weighted = isJsonObject(value) ? value['weightedValues'] : undefined;
  if (!Array.isArray(weighted)) return [];
  return weighted.map((entry) => Number(isJsonObject(entry) ? entry['weight'] : undefined));
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);

/** The part of the hashes that a variant gets, such as ` (50% to 100%)`. */
function shareText(weights: readonly number[], bucket: number): string {
  const total = sum(weights);
  if (!(total > 0)) return '';
  const percent = (end: number): string =>
    `${Number(((100 * sum(weights.slice(0, end))) / total).toFixed(3))}%`;
  return ` (${percent(bucket)} to ${percent(bucket + 1)})`;
}

function weightText(
  { hashByPropertyName, seen, fraction, bucket }: WeightTrace,
  weights: readonly number[],
): string {
  const pick =
    bucket === undefined ? 'no variant' : `variant ${bucket + 1}${shareText(weights, bucket)}`;
  if (hashByPropertyName === undefined) return `${pick}, picked at random on every read`;
  const property = harmless(hashByPropertyName);
  const value =
    seen === undefined
      ? `${property} is missing, which counts as ""`
      : `${property} ${shown(seen)}`;
  const share = fraction === undefined ? '' : ` hashes to ${(fraction * 100).toFixed(3)}%`;
  return `${pick}: ${value}${share}`;
}

/** Strings are quoted, so that an empty one, or a number in a string, is recognized. */
function shown(value: unknown): string {
  const text = harmless(JSON.stringify(value) ?? 'undefined');
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
