import { PROPERTY_CHECKS } from '../evaluation/checks.js';
import { isEncrypted } from '../evaluation/compile-value.js';
import { parseDuration } from '../evaluation/duration.js';
import { finding, patternLimited, patternUnusable } from '../evaluation/evaluation.messages.js';
import { patternOf, unusualVerdictOn } from '../evaluation/patterns/inspect.js';
import { stringOf } from '../evaluation/string-form.js';
import { listProblem, matchProblem } from '../evaluation/author-mistakes.js';
import {
  type ConfigValue,
  type Criterion,
  inSlices,
  type StoredConfig,
  storedNumber,
  unpackConfig,
} from '../model/index.js';
import { type Place, visitParts } from './config-parts.js';
import { findCycles, type Reference } from './reference-cycles.js';
import {
  decryptionCycle,
  malformedDuration,
  missingKeyConfig,
  segmentNotNamed,
  notANumber,
  segmentCycle,
  unknownOperator,
  unknownSegment,
} from './workspace-check.messages.js';

/**
 * Finds mistakes that change what configs evaluate to: values that do not parse, unknown operators, references to unknown
 * keys, and reference cycles. Works in slices, because a workspace can have thousands of configs.
 *
 * @returns one message per finding; none quotes a value
 */
export async function checkWorkspace(configs: Iterable<StoredConfig>): Promise<string[]> {
  // As in a snapshot, the later of two configs with the same key is used.
  const byKey = new Map<string, StoredConfig>();
  for (const config of configs) byKey.set(config.key, config);
  const segments: References = new Map();
  const keyConfigs: References = new Map();
  const findings: string[] = [];

  await inSlices(byKey.values(), (config) => {
    const { key } = config;
    const report = (problem: string | undefined, place: Place): void => {
      if (problem !== undefined) findings.push(finding(key, place(), problem));
    };
    visitParts(unpackConfig(config), {
      criterion(criterion, place) {
        if (!isAboutSegment(criterion)) {
          report(criterionProblem(criterion), place);
          return;
        }
        const segment = stringOf(criterion.valueToMatch?.value);
        if (segment === undefined) report(segmentNotNamed(), place);
        else if (!byKey.has(segment)) report(unknownSegment(segment), place);
        else addReference(segments, key, segment, place);
      },
      value(value, place) {
        if (!isEncrypted(value)) report(valueProblem(value), place);
        else if (!byKey.has(value.decryptWith!))
          report(missingKeyConfig(value.decryptWith!), place);
        else addReference(keyConfigs, key, value.decryptWith!, place);
      },
    });
  });
  for (const { key, place, path } of findCycles(segments)) {
    findings.push(finding(key, place(), segmentCycle(path)));
  }
  for (const { key, place, path } of findCycles(keyConfigs)) {
    findings.push(finding(key, place(), decryptionCycle(path)));
  }
  return findings;
}

type References = Map<string, Reference[]>;

function addReference(references: References, key: string, target: string, place: Place): void {
  const known = references.get(key);
  if (known === undefined) references.set(key, [{ target, place }]);
  else known.push({ target, place });
}

function isAboutSegment({ operator }: Criterion): boolean {
  return operator === 'IN_SEG' || operator === 'NOT_IN_SEG';
}

/**
 * Returns what is wrong with a criterion that is evaluated all the same: an unknown operator, a match value that the operator
 * cannot use, or a pattern that no engine runs or that has a low limit. References to segments are not checked.
 *
 * @param criterion a criterion of a rule
 * @returns the problem, what it means and what to do, or `undefined`. Never quotes a value
 * @example
 * ```ts
 * criterionProblem({ operator: 'PROP_BEFORE', propertyName: 'user.since', valueToMatch: { type: 'string', value: 'soon' } });
 * ```
 *
 * @publicApi
 */
export function criterionProblem(criterion: Criterion): string | undefined {
  const { operator, valueToMatch } = criterion;
  if (typeof operator !== 'string' || operator === 'ALWAYS_TRUE') return undefined;
  const makeCheck = PROPERTY_CHECKS.get(operator);
  if (makeCheck === undefined) return unknownOperator(operator);
  const pattern = patternOf(criterion);
  if (pattern !== undefined) return patternProblem(pattern);
  return matchProblem(criterion, makeCheck(valueToMatch?.value));
}

function patternProblem(pattern: string): string | undefined {
  const verdict = unusualVerdictOn(pattern);
  if (verdict === undefined) return undefined;
  const { engine, maxLength, problem } = verdict;
  return maxLength === undefined
    ? patternUnusable(problem ?? '')
    : patternLimited(engine, maxLength);
}

function valueProblem(value: ConfigValue): string | undefined {
  const { type, value: stored } = value;
  switch (type) {
    case 'duration':
      return parseDuration(stored) === undefined ? malformedDuration() : undefined;
    case 'int':
    case 'double':
      return storedNumber(type, stored) === undefined ? notANumber(type) : undefined;
    default:
      return listProblem(value);
  }
}
