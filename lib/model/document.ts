import type { Config, EnvironmentRules, RuleSet } from './config.js';
import { isJsonObject, type JsonObject, walkJson } from './json.js';
import { storedNumber } from './number.js';

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

/**
 * A string that is not a number, or an integer that a number cannot represent exactly, stays, so that the workspace check and
 * the first read can report it.
 */
function parseNumbers(document: JsonObject): void {
  walkJson(document, (node) => {
    if (!isJsonObject(node)) return true;
    const { type, value } = node;
    if ((type === 'int' || type === 'double') && typeof value === 'string') {
      node['value'] = storedNumber(type, value) ?? value;
    }
    return true;
  });
}
