import type { Config } from './config.js';
import { isJsonObject } from './json.js';

export interface EnvelopeMeta {
  /** Names the content; not ordered. */
  version: string;
  /** Id of the environment whose rules apply. */
  environment?: string;
  workspaceId?: string;
  /** Grows with each change of the workspace; absent counts as 0. */
  generation?: number;
}

/** A whole set of configs, as every source delivers it. */
export interface Envelope {
  configs: Config[];
  meta: EnvelopeMeta;
}

/** Says why a parsed JSON value is not an acceptable envelope, or `undefined` when it is one. Looks at no config. */
export function envelopeProblem(candidate: unknown): string | undefined {
  if (!isJsonObject(candidate)) return 'it is not an object';
  if (!isJsonObject(candidate['meta'])) return '"meta" is not an object';
  const { version, environment, generation } = candidate['meta'];
  if (typeof version !== 'string' || version === '') return '"meta.version" is not a text';
  if (environment !== undefined && environment !== null && typeof environment !== 'string') {
    return '"meta.environment" is not a text';
  }
  if (generation !== undefined && generation !== null && typeof generation !== 'number') {
    return '"meta.generation" is not a number';
  }
  if (!Array.isArray(candidate['configs'])) return '"configs" is not a list';
  return undefined;
}

/**
 * Says why one entry of an envelope cannot be read as a config, or `undefined` when it can. Only its outline is looked
 * at: what is wrong deeper inside shows when the config is first read, and then concerns that config alone.
 */
export function configProblem(candidate: unknown): string | undefined {
  if (!isJsonObject(candidate)) return 'it is not an object';
  if (typeof candidate['key'] !== 'string' || candidate['key'] === '') return 'it has no key';
  for (const name of ['type', 'valueType']) {
    if (typeof candidate[name] !== 'string') return `"${name}" is not a text`;
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
