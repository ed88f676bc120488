import type { Contexts } from 'nestjs-quonfig';
import { MisuseError } from '../command.errors.js';
import { isJsonObject } from '../workspace/document-parts.js';

const EXAMPLE = `--context '{"user": {"key": "anna", "plan": "pro"}}'`;

/**
 * Parses `--context`: contexts by name, each an object of properties.
 *
 * @throws {MisuseError} shows the expected form; never quotes the given one
 */
export function parseContexts(given: string | undefined): Contexts | undefined {
  if (given === undefined) return undefined;
  const contexts = parse(given);
  if (!isJsonObject(contexts)) {
    throw new MisuseError(`--context is not a JSON object. Write ${EXAMPLE}, in single quotes.`);
  }
  const flat = Object.entries(contexts).find(([, properties]) => !isJsonObject(properties));
  if (flat !== undefined) {
    throw new MisuseError(
      `the context ${JSON.stringify(flat[0])} is not an object of properties. Write ${EXAMPLE}.`,
    );
  }
  return contexts as Contexts;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
