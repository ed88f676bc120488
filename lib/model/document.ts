import type { Config, EnvironmentRules, RuleSet } from './config.js';
import { isJsonObject, type JsonObject, walkJson } from './json.js';

/**
 * Turns a document of a workspace directory into the config that the API would deliver for one environment: selects that
 * environment's rules and parses the numbers that documents store as strings.
 *
 * The document is modified and becomes part of the config. The result is unchecked: pass it to `configProblem`.
 */
export function configFromDocument(document: JsonObject, environment: string): Config {
  parseNumbers(document);
  const environments: unknown[] = Array.isArray(document['environments'])
    ? document['environments']
    : [];
  const environmentRules = environments.find(
    (entry) => isJsonObject(entry) && entry['id'] === environment,
  );
  return {
    ...(typeof document['id'] === 'string' && { id: document['id'] }),
    key: document['key'] as string,
    type: document['type'] as Config['type'],
    valueType: document['valueType'] as Config['valueType'],
    sendToClientSdk: document['type'] === 'feature_flag' || document['sendToClientSdk'] === true,
    default: (document['default'] as RuleSet | undefined) ?? { rules: [] },
    ...(environmentRules !== undefined && { environment: environmentRules as EnvironmentRules }),
  };
}

/** A string that is no number stays, so that the workspace check and the first read can report it. */
function parseNumbers(document: JsonObject): void {
  walkJson(document, (node) => {
    if (isJsonObject(node) && (node['type'] === 'int' || node['type'] === 'double')) {
      const number = typeof node['value'] === 'string' ? parseNumber(node['value']) : undefined;
      if (number !== undefined) node['value'] = number;
    }
    return true;
  });
}

const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

/** Returns a decimal number, or `undefined` for anything else: blanks, hex, `Infinity`, trailing letters. */
export function parseNumber(value: string): number | undefined {
  if (value.length > MAX_NUMBER_LENGTH || !NUMBER.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Bounds the time of the pattern on hostile input; no real number is longer. */
const MAX_NUMBER_LENGTH = 400;
