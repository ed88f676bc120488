import type { Config, EnvironmentRules, RuleSet } from './config.js';
import { isJsonObject, type JsonObject } from './json.js';

/**
 * Turns a document of a workspace directory into the config that a delivery service would send for one environment:
 * picks that environment's rules and reads the numbers that documents keep as text.
 *
 * The document is changed and becomes part of the config. `configProblem` tells whether the result is usable.
 */
export function configFromDocument(document: JsonObject, environment: string): Config {
  readNumbers(document);
  const environments: unknown[] = Array.isArray(document['environments'])
    ? document['environments']
    : [];
  const own = environments.find((entry) => isJsonObject(entry) && entry['id'] === environment);
  return {
    ...(typeof document['id'] === 'string' && { id: document['id'] }),
    key: document['key'] as string,
    type: document['type'] as Config['type'],
    valueType: document['valueType'] as Config['valueType'],
    sendToClientSdk: document['type'] === 'feature_flag' || document['sendToClientSdk'] === true,
    default: (document['default'] as RuleSet | undefined) ?? { rules: [] },
    ...(own !== undefined && { environment: own as EnvironmentRules }),
  };
}

/** Text that cannot be read as a number stays, so that the workspace check and the first read can tell. */
function readNumbers(document: JsonObject): void {
  const pending: unknown[] = [document];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (isJsonObject(next) && (next['type'] === 'int' || next['type'] === 'double')) {
      const number = typeof next['value'] === 'string' ? parseNumber(next['value']) : undefined;
      if (number !== undefined) next['value'] = number;
    }
    for (const part of Object.values(next)) pending.push(part);
  }
}

const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

/** A decimal number, or `undefined` for anything else: blank text, hex, `Infinity`, trailing letters. */
export function parseNumber(text: string): number | undefined {
  if (text.length > MAX_NUMBER_LENGTH || !NUMBER.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** Longer text is no number anybody wrote, and must not cost time. */
const MAX_NUMBER_LENGTH = 400;
