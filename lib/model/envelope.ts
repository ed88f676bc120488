import type { Config } from './config.js';
import { isJsonObject } from './json.js';

/**
 * The metadata of an envelope.
 *
 * @publicApi
 */
export interface EnvelopeMeta {
  /** Identifies the content; versions have no order. */
  version: string;
  /** Id of the environment whose rules apply. */
  environment?: string | undefined;
  /** Id of the workspace. */
  workspaceId?: string | undefined;
  /** Increases with every change of the workspace. Default 0. */
  generation?: number | undefined;
}

/**
 * All configs of one environment, with their meta, as every source delivers them.
 *
 * @publicApi
 */
export interface Envelope {
  /** Every config of the environment. */
  configs: Config[];
  /** Version, environment and generation. */
  meta: EnvelopeMeta;
}

/** Returns why a JSON value is not an envelope, or `undefined` if it is one. Its configs are not checked. */
export function envelopeProblem(candidate: unknown): string | undefined {
  if (!isJsonObject(candidate)) return 'it is not an object';
  if (!isJsonObject(candidate['meta'])) return '"meta" is not an object';
  const { version, environment, generation } = candidate['meta'];
  if (typeof version !== 'string' || version === '') return '"meta.version" is not a string';
  if (environment !== undefined && environment !== null && typeof environment !== 'string') {
    return '"meta.environment" is not a string';
  }
  if (generation !== undefined && generation !== null && typeof generation !== 'number') {
    return '"meta.generation" is not a number';
  }
  if (!Array.isArray(candidate['configs'])) return '"configs" is not a list';
  return undefined;
}

/**
 * Returns why one entry of an envelope is not a config, or `undefined` if it is one. Only the top levels are checked:
 * a mistake deeper inside surfaces when the config is first read, so it fails that config alone.
 */
export function configProblem(candidate: unknown): string | undefined {
  if (!isJsonObject(candidate)) return 'it is not an object';
  if (typeof candidate['key'] !== 'string' || candidate['key'] === '') return 'it has no key';
  for (const name of ['type', 'valueType']) {
    if (typeof candidate[name] !== 'string') return `"${name}" is not a string`;
  }
  for (const name of ['default', 'environment']) {
    const rules = candidate[name];
    if (rules === undefined || rules === null) continue;
    if (!isJsonObject(rules)) return `"${name}" is not an object`;
    const list = rules['rules'];
    if (list !== undefined && list !== null && !Array.isArray(list)) {
      return `"${name}.rules" is not a list`;
    }
  }
  return undefined;
}
